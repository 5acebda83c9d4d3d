// SPDX-License-Identifier: GPL-3.0-or-later
// Drives' own methods in words: what a drive has, and what was chosen of it.
#include "report/method_text.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "quietus/device_report.h"
#include "quietus/plan.h"
#include "quietus/text.h"

#include "report/device_text.h"

namespace quietus {
namespace {

/// Methods of one kind stand together.
struct MethodWord {
  Method method;
  std::string_view group;
  std::string_view word;
};

constexpr std::array kWords{
    MethodWord{Method::sanitize_block, "sanitize", "block"},
    MethodWord{Method::sanitize_crypto, "sanitize", "crypto"},
    MethodWord{Method::sanitize_overwrite, "sanitize", "overwrite"},
    MethodWord{Method::secure_erase, "secure erase", ""},
    MethodWord{Method::format, "format", ""},
    MethodWord{Method::opal_psid, "Opal revert", ""},
};

/// States that a person has to know of before anything can be done.
struct StateWord {
  std::string_view state;
  std::string_view group;  ///< which it speaks of; empty: all of them
  std::string_view word;
};

constexpr std::array kStates{
    StateWord{"sanitize_running", "", "a sanitize operation is running"},
    StateWord{"format_running", "", "a format is running"},
    StateWord{"sanitize_failed", "", "a sanitize operation failed"},
    StateWord{"security_locked", "", "locked with an ATA password"},
    StateWord{"security_enabled", "", "an ATA password is set"},
    StateWord{"opal_locked", "", "locked (Opal)"},
    StateWord{"sanitize_frozen", "sanitize", "frozen"},
    StateWord{"security_frozen", "secure erase", "frozen"},
    StateWord{"security_count_expired", "secure erase", "needs a power cycle"},
};

/// Of no state that stands in the way.
constexpr std::string_view kOpalPresent = "opal_present";

std::string joined(const std::vector<std::string>& texts, const char* between) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : between) + text;
  return all;
}

std::string state_of(const DriveAbilities& abilities, std::string_view group) {
  for (const StateWord& row : kStates) {
    if (row.group == group && abilities.is_in(row.state)) return std::string(row.word);
  }
  return {};
}

std::string estimate_text(const MethodAbility& ability) {
  if (!ability.estimate_s) return {};
  return (ability.estimate_is_least ? "at least " : "") + rough_duration_text(*ability.estimate_s);
}

/// One group: what of it the drive has, how long the longest takes, and what stands against it.
std::string group_text(const DriveAbilities& abilities, std::string_view group) {
  std::vector<std::string> words;
  const MethodAbility* longest = nullptr;
  bool has_any = false;
  for (const MethodWord& row : kWords) {
    const MethodAbility* ability = row.group == group ? abilities.ability(row.method) : nullptr;
    if (ability == nullptr || ability->supported != Answer::yes) continue;
    has_any = true;
    if (!row.word.empty()) words.emplace_back(row.word);
    const auto longer = longest == nullptr ? std::nullopt : longest->estimate_s;
    if (ability->estimate_s && ability->estimate_s > longer) longest = ability;
  }
  const std::string state = state_of(abilities, group);
  if (!has_any && state.empty()) return {};
  std::string text(group);
  if (!words.empty()) text += " (" + joined(words, ", ") + ")";
  if (longest != nullptr) text += ", " + estimate_text(*longest);
  return state.empty() ? text : text + ": " + state;
}

bool is_any_unknown(const DriveAbilities& abilities) {
  for (const MethodAbility& one : abilities.methods) {
    if (one.supported == Answer::unknown) return true;
  }
  return false;
}

std::string of_asked(const DriveAbilities& abilities) {
  std::vector<std::string> parts;
  for (const std::string_view group : {"sanitize", "secure erase", "format", "Opal revert"}) {
    std::string text = group_text(abilities, group);
    if (!text.empty()) parts.push_back(std::move(text));
  }
  if (parts.empty()) parts.emplace_back("none of its own");
  for (const StateWord& row : kStates) {
    if (row.group.empty() && abilities.is_in(row.state)) parts.emplace_back(row.word);
  }
  if (is_any_unknown(abilities)) parts.emplace_back("others are not known");
  return joined(parts, "; ");
}

}  // namespace

std::string own_methods_text(const DeviceFacts& device) {
  if (!device.abilities) return {};
  const DriveAbilities& abilities = *device.abilities;
  if (abilities.commands != CommandSet::none) return of_asked(abilities);
  return "not known" + (abilities.unknown_why.empty() ? "" : ": " + abilities.unknown_why);
}

std::vector<std::string> state_texts(const DriveAbilities& abilities) {
  std::vector<std::string> texts;
  for (const std::string& state : abilities.states) {
    const auto* const row = std::find_if(
        kStates.begin(), kStates.end(), [&](const StateWord& word) { return word.state == state; });
    if (row != kStates.end()) {
      texts.push_back((row->group.empty() ? "" : std::string(row->group) + ": ") +
                      std::string(row->word));
    } else {
      texts.emplace_back(state == kOpalPresent ? "it has TCG Opal" : state);
    }
  }
  return texts;
}

void add_choice(std::vector<std::string>& lines, const MethodChoice& choice,
                const DeviceFacts& device) {
  const MethodAbility* ability =
      device.abilities ? device.abilities->ability(choice.method) : nullptr;
  std::string text = "    method: " + option_word(choice.method);
  if (ability != nullptr && !ability->command.empty()) {
    text += ", " + escaped(ability->command);
  }
  lines.push_back(text + (choice.why.empty() ? "" : ": " + escaped(choice.why)));
  if (ability != nullptr && ability->estimate_s) {
    lines.push_back("    takes: " + estimate_text(*ability) + " by the drive's own estimate");
  }
  for (const SkippedMethod& one : choice.skipped) {
    lines.push_back("    not " + option_word(one.method) + ": " + escaped(one.why));
  }
  for (const Sibling& one : device.siblings) {
    lines.push_back("    beside it: " + escaped(one.name) + " (" + escaped(one.what) + ")");
  }
}

}  // namespace quietus
