// SPDX-License-Identifier: GPL-3.0-or-later
// Who may let a rule go.
#include "quietus/policy_table.h"

namespace quietus {

Status check_overriders(const Declarations& declarations) {
  for (const Override& one : declarations.overrides) {
    for (const DeclaredPerson& person : declarations.people) {
      const bool does_it = person.role == "operator" || person.role == "witness";
      if (!does_it || !same_name(one.approver.name, person.person.name)) continue;
      return Error{Errc::invalid, 0,
                   one.approver.name + " can't be " + person.role + " and let a rule go",
                   "an override is approved by somebody else"};
    }
  }
  return {};
}

}  // namespace quietus
