"""What a migration says to the database in its own words: statements that need no model.

Django's RunPython draws every model anew for each piece it runs, whether or not the piece looks at one: fifteen pieces
over 150 tables took four of the seven seconds of processor time that an empty database is made ready in.
"""

from typing import cast

from django.db import router
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import RunPython
from django.db.migrations.state import ProjectState, StateApps


class Said(RunPython):
    """Runs its function with the editor alone; in place of the models it is given None."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Runs it on the database whose editor this is."""
        if router.allow_migrate(schema_editor.connection.alias, app_label, **self.hints):
            self.code(cast(StateApps, None), schema_editor)
