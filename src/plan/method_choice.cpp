// SPDX-License-Identifier: GPL-3.0-or-later
// What keeps a method from being used, as tables; and the choice between what is left.
#include "plan/method_choice.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace quietus {
namespace {

/// Why a method can't be used here.
struct Hindrance {
  std::string_view code;
  std::string why;  ///< a sentence without its object
  std::string hint;
};

constexpr std::string_view kThaw =
    "suspend the machine and wake it again, which this tool never does by itself; or unplug the "
    "drive's power and plug it in again while the machine runs; or attach it to another port; then "
    "try again";

/// A state that a drive is in, and what it keeps from being done.
struct StateRow {
  std::string_view state;
  bool (*hinders)(Method) = nullptr;
  std::string_view code;
  std::string_view why;
  std::string_view hint;
};

constexpr std::array kStates{
    StateRow{"sanitize_running", [](Method) { return true; }, "operation_running",
             "a sanitize operation is under way on it",
             "`quietus status DEVICE --wait` follows it to its end"},
    StateRow{"format_running", [](Method) { return true; }, "operation_running",
             "it is being formatted", "`quietus status DEVICE --wait` follows it to its end"},
    StateRow{"security_locked", [](Method) { return true; }, "drive_locked",
             "it is locked with an ATA password",
             "unlock it with that password first, by another tool"},
    StateRow{"opal_locked", [](Method method) { return method != Method::opal_psid; },
             "drive_locked", "it is locked (TCG Opal)",
             "unlock it first; or revert it with the PSID from its label: --method opal-psid"},
    StateRow{"security_enabled", [](Method method) { return method == Method::secure_erase; },
             "password_set", "an ATA password is set on it, which is not this tool's to take off",
             "take it off with that password first, by another tool"},
    StateRow{"sanitize_failed", [](Method method) { return !is_sanitize(method); },
             "sanitize_failed", "a sanitize operation failed on it, and it takes nothing else now",
             "sanitize it again; or `quietus status DEVICE --exit-failure-mode`, where that is "
             "allowed"},
    StateRow{"sanitize_frozen", is_sanitize, "drive_frozen",
             "its sanitize commands are frozen until it loses power", kThaw},
    StateRow{"security_frozen", [](Method method) { return method == Method::secure_erase; },
             "drive_frozen", "its security commands are frozen until it loses power", kThaw},
    StateRow{"security_count_expired", [](Method method) { return method == Method::secure_erase; },
             "drive_frozen",
             "it counted too many wrong passwords, and takes security commands only after it was "
             "without power",
             "unplug the drive's power and plug it in again; then try again"},
};

std::string with_path(std::string_view text, const std::string& path) {
  constexpr std::string_view kPlace = "DEVICE";
  std::string out(text);
  const std::size_t at = out.find(kPlace);
  return at == std::string::npos ? out : out.replace(at, kPlace.size(), path);
}

std::optional<Hindrance> by_state(Method method, const MethodQuestion& asked) {
  if (!asked.device.abilities) return std::nullopt;
  for (const StateRow& row : kStates) {
    if (!asked.device.abilities->is_in(row.state) || !row.hinders(method)) continue;
    return Hindrance{row.code, std::string(row.why), with_path(row.hint, asked.path)};
  }
  return std::nullopt;
}

std::string hint_of_whole(const DeviceFacts& device) {
  if (device.kind != DeviceKind::partition || device.disk.empty()) return {};
  return "name the whole drive: /dev/" + device.disk;
}

/// Where no drive was asked: of what has no firmware, and of what could not be asked.
std::optional<Hindrance> unasked(const DeviceFacts& device) {
  if (device.kind != DeviceKind::disk) {
    return Hindrance{"method_unsupported",
                     "a " + std::string(name_of(device.kind)) + " has no firmware of its own",
                     hint_of_whole(device)};
  }
  if (device.storage == Storage::virtual_) {
    return Hindrance{"method_unsupported", "it is virtual, and has no firmware to be asked", {}};
  }
  return Hindrance{"method_unknown", "its firmware was not asked", {}};
}

std::string why_of(const MethodAbility* ability, const std::string& otherwise) {
  return ability == nullptr || ability->why.empty() ? otherwise : ability->why;
}

std::optional<Hindrance> by_support(Method method, const MethodQuestion& asked) {
  if (!asked.device.abilities) return unasked(asked.device);
  const DriveAbilities& abilities = *asked.device.abilities;
  const MethodAbility* ability = abilities.ability(method);
  const Answer supported = ability == nullptr ? Answer::unknown : ability->supported;
  if (supported == Answer::yes) return std::nullopt;
  if (supported == Answer::no) {
    return Hindrance{"method_unsupported", why_of(ability, "the drive does not have it"), {}};
  }
  const std::string& nothing = abilities.unknown_why;
  return Hindrance{"method_unknown",
                   "whether the drive has it is not known: " +
                       why_of(ability, nothing.empty() ? "it does not say" : nothing),
                   {}};
}

/// What only the rules allow.
std::optional<Hindrance> by_rules(Method method, const MethodQuestion& asked) {
  const DriveAbilities* abilities = asked.device.abilities ? &*asked.device.abilities : nullptr;
  const bool bridged =
      asked.device.bus == "usb" || (abilities != nullptr && abilities->through_bridge);
  if (method == Method::secure_erase && bridged && !asked.rules.allow_usb_security) {
    return Hindrance{"usb_security",
                     "through a USB bridge an ATA password may be set and not be taken off again",
                     "attach the drive without a bridge; or --allow-usb-security"};
  }
  const bool scsi = abilities != nullptr && abilities->commands == CommandSet::scsi;
  if (method == Method::format && scsi && !asked.rules.allow_format_unit) {
    return Hindrance{"format_unit",
                     "FORMAT UNIT takes long, leaves a drive unusable if it is interrupted, and "
                     "counts as clear at most",
                     "--allow-format-unit"};
  }
  if (method == Method::opal_psid && !asked.has_psid) {
    return Hindrance{"psid_missing", "reverting it takes the PSID from the drive's label",
                     "--psid TEXT, or --psid-file FILE"};
  }
  return std::nullopt;
}

std::optional<Hindrance> by_key_header(const MethodQuestion& asked) {
  if (asked.has_key_header) return std::nullopt;
  return Hindrance{"no_key_header",
                   "it does not begin with the header of an encrypted volume (LUKS), so there is "
                   "no key on it to destroy",
                   asked.key_header_hint};
}

std::optional<Hindrance> hindrance(Method method, const MethodQuestion& asked) {
  if (auto found = by_state(method, asked)) return found;
  if (method == Method::overwrite) return std::nullopt;
  if (method == Method::key_erase) return by_key_header(asked);
  if (auto found = by_support(method, asked)) return found;
  return by_rules(method, asked);
}

Finding refusal_of(const Hindrance& found, Method method, const MethodQuestion& asked) {
  Finding out;
  out.level = Finding::Level::refusal;
  out.code = std::string(found.code);
  out.object = asked.path;
  out.text = "can't be sanitized by " + option_word(method) + ": " + found.why;
  out.hint = found.hint;
  return out;
}

MethodAnswer named_method(Method method, const MethodQuestion& asked) {
  MethodAnswer out;
  out.choice.method = method;
  out.choice.why = "it was asked for";
  if (const auto found = hindrance(method, asked)) {
    out.refusal = refusal_of(*found, method, asked);
  }
  return out;
}

/// What is overwritten because nothing else comes into question.
MethodAnswer only_overwriting(std::string why, const MethodQuestion& asked) {
  MethodAnswer out = named_method(Method::overwrite, asked);
  out.choice.automatic = true;
  out.choice.why = std::move(why);
  return out;
}

Finding no_method(const MethodChoice& choice, const MethodQuestion& asked) {
  Finding out;
  out.level = Finding::Level::refusal;
  out.code = "no_method";
  out.object = asked.path;
  out.text = "can't be sanitized by any method that the policy names";
  for (const SkippedMethod& one : choice.skipped) {
    out.text += "; " + option_word(one.method) + ": " + one.why;
  }
  out.hint = "destroy the drive; or --method overwrite, which the policy will not count as enough";
  return out;
}

MethodAnswer first_possible(const MethodQuestion& asked) {
  MethodAnswer out;
  out.choice.automatic = true;
  for (const Method method : asked.order) {
    auto found = hindrance(method, asked);
    if (found && method == Method::overwrite) {
      out.refusal = refusal_of(*found, method, asked);
      return out;
    }
    if (found) {
      out.choice.skipped.push_back({method, std::move(found->why)});
      continue;
    }
    out.choice.method = method;
    out.choice.why = "it is the first in the policy's order that can be used here";
    return out;
  }
  // A drive that takes nothing at all is not one that lacks a method.
  const auto any = by_state(Method::overwrite, asked);
  out.refusal = any ? refusal_of(*any, asked.order.front(), asked) : no_method(out.choice, asked);
  return out;
}

}  // namespace

MethodAnswer choose_method(const MethodQuestion& question) {
  if (question.rules.method) return named_method(*question.rules.method, question);
  if (question.order.empty()) {
    return only_overwriting("the policy names no other method", question);
  }
  const DeviceFacts& device = question.device;
  if (!device.abilities) {
    const auto found = unasked(device);
    return only_overwriting(found->why, question);
  }
  return first_possible(question);
}

CategoryVerdict level_for(Method method, const DeviceFacts& device,
                          const Declarations& declarations) {
  MethodFacts facts;
  facts.method = method;
  facts.storage = device.storage;
  facts.whole_medium = device.kind != DeviceKind::partition &&
                       device.kind != DeviceKind::device_mapper && device.kind != DeviceKind::raid;
  facts.declared_keys = declarations.always_encrypted && declarations.no_residual_copies;
  if (device.abilities) {
    facts.commands = device.abilities->commands;
    facts.enhanced = device.abilities->enhanced_erase;
  }
  return level_of(facts);
}

bool begins_with_key_header(const DeviceFacts& device) {
  constexpr std::string_view kType = "crypto_LUKS";  // as libblkid calls it
  return device.content && std::any_of(device.content->begin(), device.content->end(),
                                       [&](const ContentSignature& one) {
                                         return one.type == kType && one.offset == 0;
                                       });
}

}  // namespace quietus
