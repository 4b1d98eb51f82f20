"""todoku (届く) runs a municipal benefit programme (給付金事業) from the roll of recipients to money in the account."""
