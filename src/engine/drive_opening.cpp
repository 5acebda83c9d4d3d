// SPDX-License-Identifier: GPL-3.0-or-later
// Identity, hidden areas and counters of a claimed drive.
#include "engine/drive_opening.h"

#include <algorithm>
#include <utility>

#include "quietus/firmware.h"
#include "quietus/text.h"

namespace quietus {
namespace {

std::string kinds_of(const HiddenAreaFacts& hidden) {
  std::string text;
  for (const std::string& kind : hidden.kinds) text += (text.empty() ? "" : ", ") + kind;
  return text.empty() ? "hidden area" : text;
}

std::string hidden_size(const HiddenAreaFacts& hidden) {
  if (hidden.native_bytes <= hidden.accessible_bytes) return {};
  return ", " + human_bytes(hidden.native_bytes - hidden.accessible_bytes);
}

std::string because(const std::string& why) { return why.empty() ? "" : ": " + why; }

}  // namespace

const DriveAbilities* asked_abilities(const Root& root) {
  if (!root.device || !root.device->abilities) return nullptr;
  const DriveAbilities& abilities = *root.device->abilities;
  return abilities.commands == CommandSet::none ? nullptr : &abilities;
}

HiddenOpening open_hidden_area(Medium& drive, const DriveAbilities& abilities, const Rules& rules) {
  HiddenOpening opening;
  opening.before = opening.after = read_hidden_area(drive, abilities.commands);
  if (opening.before.present == Answer::no && abilities.hidden.present == Answer::yes) {
    opening.before = abilities.hidden;
    opening.restored = true;
    return opening;
  }
  if (opening.before.present != Answer::yes || rules.keep_hidden_area) return opening;
  const Result<HiddenAreaFacts> now = restore_hidden_area(drive, abilities.commands);
  if (!now) {
    opening.after.why = now.error().what;
    return opening;
  }
  opening.after = *now;
  opening.restored =
      now->present == Answer::no || now->accessible_bytes > opening.before.accessible_bytes;
  static_cast<void>(drive.rescan().ok());  // the size that is read next tells what came of it
  return opening;
}

void look_again(Medium& drive, const DriveAbilities& abilities, HiddenOpening& opening) {
  HiddenAreaFacts now = read_hidden_area(drive, abilities.commands);
  if (now.why.empty()) now.why = opening.after.why;
  opening.after = std::move(now);
}

void settle_size(HiddenOpening& opening, std::uint64_t system_bytes) {
  HiddenAreaFacts& after = opening.after;
  if (after.present != Answer::no || after.accessible_bytes <= system_bytes) return;
  after.present = Answer::yes;
  after.native_bytes = std::max(after.native_bytes, after.accessible_bytes);
  after.accessible_bytes = system_bytes;
  if (after.kinds.empty()) after.kinds = opening.before.kinds;
  after.why =
      "the system still addresses less than the drive offers; power the drive off and on, then run "
      "again";
  opening.restored = false;
}

std::vector<Fact> facts_of(const HiddenOpening& opening, bool covered) {
  std::vector<Fact> facts;
  if (opening.restored) {
    facts.push_back({"hidden_area_restored",
                     "areas that the drive hid (" + kinds_of(opening.before) +
                         hidden_size(opening.before) + ") were opened up before anything else",
                     false});
  }
  if (opening.after.present == Answer::unknown && covered) {
    facts.push_back(
        {"hidden_area_covered",
         "whether the drive hides areas from the host is not known, and its own command "
         "reaches them as well (SBC-5 4.11.1)",
         false});
  }
  if (opening.after.present == Answer::unknown && !covered) {
    facts.push_back({"hidden_area_unknown",
                     "whether the drive hides areas from the host could not be found out" +
                         because(opening.after.why),
                     true});
  }
  if (opening.after.present == Answer::yes) {
    facts.push_back({"hidden_area_left",
                     "the drive hides areas from the host (" + kinds_of(opening.after) +
                         hidden_size(opening.after) + ")" + because(opening.after.why),
                     true});
  }
  return facts;
}

std::optional<DriveHealth> health_of(Medium& drive, const DriveAbilities& abilities) {
  DriveHealth health = read_health(drive, abilities.commands);
  if (health.source.empty()) return std::nullopt;
  return health;
}

Result<DriveIdentity> same_identity(Medium& drive, const DriveAbilities& abilities, bool whole) {
  Result<DriveIdentity> now = read_identity(drive, abilities.commands);
  if (!now) return now.error().in("it could not be asked who it is");
  DriveIdentity compared = *now;
  if (!whole) compared.size_bytes = 0;
  const std::string other = difference(abilities.identity, compared);
  if (!other.empty()) return Error{Errc::changed, 0, "it is not the drive of the plan: " + other};
  return now;
}

Target with_size(const Target& target, std::uint64_t size_bytes) {
  Target now = target;
  now.roots.front().size_bytes = size_bytes;
  return now;
}

}  // namespace quietus
