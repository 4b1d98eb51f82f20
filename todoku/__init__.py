"""todoku (届く): runs a Japanese municipal benefit programme (給付金事業) end to end."""

__version__ = "0.1.0"
