"""Pages are read in the languages of the checkout's own catalogues: compiled before the first page is drawn."""

from todoku.ground.assets import compile_catalogues

compile_catalogues()
