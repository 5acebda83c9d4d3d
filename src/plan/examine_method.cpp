// SPDX-License-Identifier: GPL-3.0-or-later
// The interlocks of a drive that was asked, and of the method that was chosen for it.
#include "plan/examine_method.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "quietus/hidden_area.h"

namespace quietus {
namespace {

using Level = Finding::Level;

Finding finding(Level level, std::string_view code, const std::string& path, std::string text,
                std::string hint = {}) {
  return {level, std::string(code), path, std::move(text), std::move(hint)};
}

bool writes_through_host(const MethodUse& use) {
  return use.choice.method == Method::overwrite || use.rules.then_overwrite;
}

bool leaves_hidden_area(const MethodUse& use) {
  return use.device.hidden_area == HiddenArea::present && use.rules.keep_hidden_area;
}

const std::string& hidden_why(const DeviceFacts& device) {
  static const std::string kNothing;
  return device.abilities ? device.abilities->hidden.why : kNothing;
}

std::string kinds_of(const DeviceFacts& device) {
  std::string out;
  if (!device.abilities) return out;
  for (const std::string& kind : device.abilities->hidden.kinds) {
    out += (out.empty() ? " (" : ", ") + kind;
  }
  return out.empty() ? out : out + ")";
}

/// "sanitize_block counts as clear at most here".
std::string counts_text(const MethodUse& use) {
  return option_word(use.choice.method) + " counts as " + std::string(name_of(use.level)) +
         " at most";
}

/// What the facts say together with the method.
struct MethodRow {
  bool (*applies)(const MethodUse&) = nullptr;
  Level level = Level::warning;
  std::string_view code;
  std::string (*text)(const MethodUse&) = nullptr;
  std::string_view hint = {};
};

constexpr std::array kRows{
    MethodRow{[](const MethodUse& u) {
                return u.device.zoned == "host-managed" &&
                       (!is_sanitize(u.choice.method) || u.rules.then_overwrite);
              },
              Level::refusal, "zoned_host_managed",
              [](const MethodUse&) {
                return std::string("needs writes in zone order, which this version does not do");
              },
              "use the drive's own sanitize command (--method sanitize-crypto, sanitize-block or "
              "sanitize-overwrite, without --then-overwrite)"},
    MethodRow{[](const MethodUse& u) {
                return u.device.storage == Storage::flash && u.choice.method == Method::overwrite;
              },
              Level::warning, "flash_medium",
              [](const MethodUse&) {
                return std::string(
                    "overwriting can't reach spare and retired blocks of flash; clear at most");
              }},
    MethodRow{[](const MethodUse& u) {
                return u.device.storage == Storage::flash && is_firmware(u.choice.method) &&
                       u.level < Category::purge;
              },
              Level::warning, "flash_medium",
              [](const MethodUse& u) {
                return "of flash, " + counts_text(u) +
                       ": it need not reach spare and retired blocks";
              }},
    MethodRow{[](const MethodUse& u) { return u.device.storage == Storage::virtual_; },
              Level::warning, "virtual_medium",
              [](const MethodUse&) {
                return std::string("is a virtual device; what lies under it may keep copies");
              }},
    MethodRow{
        [](const MethodUse& u) {
          return u.device.hidden_area == HiddenArea::unknown &&
                 !(u.device.abilities && reaches_hidden_area(*u.device.abilities, u.choice.method));
        },
        Level::warning, "hidden_area_unknown",
        [](const MethodUse& u) {
          const std::string& why = hidden_why(u.device);
          return "may have an area that the system can't address; " +
                 (u.device.abilities ? "the drive did not say" + (why.empty() ? "" : ": " + why)
                                     : std::string("it was not asked"));
        }},
    MethodRow{[](const MethodUse& u) {
                return u.device.hidden_area == HiddenArea::present && !u.rules.keep_hidden_area;
              },
              Level::warning, "hidden_area_opened",
              [](const MethodUse& u) {
                const std::string& why = hidden_why(u.device);
                return "has an area that the system can't address" + kinds_of(u.device) +
                       "; it is opened up first, and stays so" +
                       (why.empty() ? "" : ", as far as that goes: " + why);
              }},
    MethodRow{leaves_hidden_area, Level::warning, "hidden_area_left",
              [](const MethodUse& u) {
                return "has an area that the system can't address" + kinds_of(u.device) +
                       "; it is left as it is, so no purge is claimed";
              },
              "leave out --keep-hidden-area"},
    MethodRow{[](const MethodUse& u) {
                return u.device.abilities && u.device.abilities->is_in("sanitize_failed") &&
                       is_sanitize(u.choice.method);
              },
              Level::warning, "sanitize_failed",
              [](const MethodUse&) {
                return std::string("an earlier sanitize operation failed on it; it is sent again");
              }},
    MethodRow{[](const MethodUse& u) {
                return u.choice.method == Method::secure_erase && u.rules.allow_usb_security &&
                       (u.device.bus == "usb" ||
                        (u.device.abilities && u.device.abilities->through_bridge));
              },
              Level::warning, "usb_security",
              [](const MethodUse&) {
                return std::string(
                    "an ATA password is set through a USB bridge, and may not be taken off again "
                    "through it");
              }},
    MethodRow{[](const MethodUse& u) {
                return is_sanitize(u.choice.method) && !u.rules.allow_unrestricted_exit;
              },
              Level::warning, "failure_locks",
              [](const MethodUse&) {
                return std::string(
                    "if the sanitize operation fails, the drive takes nothing but another one "
                    "until that succeeds");
              },
              "--allow-unrestricted-exit lets a drive that failed be used again, unsanitized"},
    MethodRow{[](const MethodUse& u) { return u.choice.method == Method::key_erase; },
              Level::warning, "key_copies",
              [](const MethodUse& u) {
                return "only the key slots and headers on it are destroyed: a copy of its header "
                       "(a backup, a detached header) opens it as before; " +
                       (u.level == Category::none
                            ? std::string("nothing is claimed unless --always-encrypted and "
                                          "--no-residual-copies declare that there is none")
                            : std::string("it is declared that there is none"));
              }},
    MethodRow{
        [](const MethodUse& u) { return u.device.zoned == "host-aware" && writes_through_host(u); },
        Level::warning, "zoned_host_aware",
        [](const MethodUse&) {
          return std::string("keeps data in zones and may leave old data in its own spare ones");
        }},
};

/// Spaces and underscores stand for each other where systems copy a serial.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != ' ' && c != '_' && c != '\t' && c != '\0') out += c;
  }
  return out;
}

void compare(std::vector<std::string>& out, std::string_view what, const std::string& system,
             const std::string& drive) {
  if (system.empty() || drive.empty() || plain(system) == plain(drive)) return;
  out.push_back("its " + std::string(what) + " is " + system + " by the system and " + drive +
                " by its own answer");
}

/// Empty: it tells none.
std::string told(std::uint64_t number) { return number == 0 ? "" : std::to_string(number); }

/// What is known of a sibling in words: "nvme0n2 (namespace, 4096 bytes)".
std::string title_of(const Sibling& sibling) {
  std::string out = sibling.name + " (" + sibling.what;
  if (sibling.size_bytes != 0) out += ", " + std::to_string(sibling.size_bytes) + " bytes";
  return out + ")";
}

/// Not storage of its own, but another way to the same.
bool is_way(const Sibling& sibling) { return sibling.what == "controller"; }

std::string use_text(const Sibling& sibling) {
  if (!sibling.system_roles.empty()) return sibling.system_roles.front();
  const DeviceUse& use = sibling.uses.front();
  return use.device + ": " + std::string(name_of(use.kind)) + (use.by.empty() ? "" : " " + use.by);
}

std::string content_text(const Sibling& sibling) {
  std::string out;
  for (const ContentSignature& one : sibling.content) out += (out.empty() ? "" : ", ") + one.type;
  return out;
}

Finding of_reached(const MethodUse& use, const Sibling& sibling) {
  const std::string taken =
      option_word(use.choice.method) + " takes all of the drive, " + title_of(sibling) + " as well";
  if (!sibling.uses.empty() || !sibling.system_roles.empty()) {
    return finding(Level::refusal, "sibling_in_use", use.path,
                   taken + ", and that is in use: " + use_text(sibling),
                   "end that use first; or take a method that reaches only what is named");
  }
  if (!sibling.content.empty() && !use.rules.with_siblings) {
    return finding(Level::refusal, "sibling_holds_data", use.path,
                   taken + ", and something is on that: " + content_text(sibling),
                   "--with-siblings destroys it, too; or take a method that reaches only what is "
                   "named");
  }
  return finding(Level::warning, "shares_subsystem", use.path,
                 taken + ": destroyed by the same command, and not looked at");
}

Finding of_left(const MethodUse& use, const Sibling& sibling) {
  return finding(Level::warning, "areas_not_covered", use.path,
                 title_of(sibling) + " is an area of its own, and is left as it is");
}

/// Parts of one eMMC that its commands for the user area leave alone.
bool is_separate_area(const Sibling& sibling) {
  constexpr std::array<std::string_view, 3> kAreas{"boot_partition", "rpmb",
                                                   "general_purpose_partition"};
  return std::find(kAreas.begin(), kAreas.end(), sibling.what) != kAreas.end();
}

/// Before the first dot: uuid, eui, naa.
std::string_view kind_of_wwn(std::string_view wwn) { return wwn.substr(0, wwn.find('.')); }

}  // namespace

std::vector<Finding> examine_identity(const std::string& path, const DeviceFacts& device) {
  if (!device.abilities) return {};
  const DriveAbilities& abilities = *device.abilities;
  const DriveIdentity& drive = abilities.identity;
  std::vector<std::string> different;
  compare(different, "serial", device.serial, drive.serial);
  compare(different, "namespace id", told(device.namespace_id), told(drive.namespace_id));
  // The others have several names, of which the system may have taken another one.
  if (abilities.commands == CommandSet::nvme && kind_of_wwn(device.wwn) == kind_of_wwn(drive.wwn))
    compare(different, "WWN", device.wwn, drive.wwn);
  compare(different, "size", told(device.size_bytes), told(drive.size_bytes));
  std::vector<Finding> out;
  // A bridge shows a serial and a size of its own.
  const bool bridged = abilities.through_bridge || device.bus == "usb";
  for (std::string& text : different) {
    out.push_back(finding(bridged ? Level::warning : Level::refusal, "identity_mismatch", path,
                          bridged ? text + " through the bridge" : std::move(text),
                          bridged ? ""
                                  : "attach it anew, and see `quietus list`; nothing is sent "
                                    "to a drive that may be another one"));
  }
  return out;
}

std::vector<Finding> examine_method(const MethodUse& use) {
  std::vector<Finding> out;
  for (const MethodRow& row : kRows) {
    if (!row.applies(use)) continue;
    out.push_back(finding(row.level, row.code, use.path, row.text(use), std::string(row.hint)));
  }
  return out;
}

bool reaches_siblings(const DeviceFacts& device, const MethodChoice& choice) {
  if (!device.abilities) return false;
  const MethodAbility* ability = device.abilities->ability(choice.method);
  return ability != nullptr && ability->beyond_target;
}

std::vector<Finding> examine_siblings(const MethodUse& use) {
  std::vector<Finding> out;
  if (use.device.kind != DeviceKind::disk) return out;
  const bool reached = reaches_siblings(use.device, use.choice);
  for (const Sibling& sibling : use.device.siblings) {
    if (is_separate_area(sibling)) {
      out.push_back(of_left(use, sibling));
    } else if (reached && !is_way(sibling)) {
      out.push_back(of_reached(use, sibling));
    }
  }
  return out;
}

}  // namespace quietus
