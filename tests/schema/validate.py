# SPDX-License-Identifier: GPL-3.0-or-later
# Validates statements with python3-jsonschema: validate.py SCHEMA FILE... prints each file and whether
# the schema takes it. A schema that is none is an error.
import json
import sys

from jsonschema import Draft202012Validator

schema = json.load(open(sys.argv[1], encoding="utf-8"))
Draft202012Validator.check_schema(schema)
validator = Draft202012Validator(schema)
for name in sys.argv[2:]:
    errors = list(validator.iter_errors(json.load(open(name, encoding="utf-8"))))
    print("invalid" if errors else "valid", name)
    for error in errors[:3]:
        print(name, "/".join(map(str, error.absolute_path)), error.message[:200], file=sys.stderr)
