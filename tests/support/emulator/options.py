# SPDX-License-Identifier: GPL-3.0-or-later
"""What a drive is like: words "NAME option option=value", checked against a table."""


class Options:
    """Options of one drive as attributes. A table names each: (default, what it does); the default's
    type is the option's, and one of False is a flag. Lists are written with plus signs: bad=7+8."""

    def __init__(self, table, words):
        self._table = table
        for name, (default, _) in table.items():
            setattr(self, name, default)
        for word in words:
            self.set(word)

    def set(self, word):
        name, has_value, value = word.partition("=")
        if name not in self._table:
            raise SystemExit(f"no option {name}")
        default = self._table[name][0]
        if isinstance(default, bool):
            setattr(self, name, value != "0" if has_value else True)
        elif isinstance(default, list):
            setattr(self, name, [int(one, 0) for one in value.split("+") if one])
        elif isinstance(default, (int, float)):
            setattr(self, name, type(default)(value) if isinstance(default, float) else int(value, 0))
        else:
            setattr(self, name, value)


def split_drive(text):
    """"NAME option ..." -> name, words."""
    name, *words = text.split()
    return name, words


def describe(table):
    return "\n".join(f"  {name:18} {str(default) or '-':10} {text}" for name, (default, text) in table.items())
