// SPDX-License-Identifier: GPL-3.0-or-later
// Names of methods and of what a drive says of itself.
#include "quietus/method.h"

#include <algorithm>
#include <array>
#include <string>

#include "quietus/drive_abilities.h"
#include "quietus/hidden_area.h"

namespace quietus {
namespace {

struct MethodRow {
  Method method;
  std::string_view name;
  bool firmware;
};

constexpr std::array kMethods{
    MethodRow{Method::overwrite, "overwrite", false},
    MethodRow{Method::sanitize_crypto, "sanitize_crypto", true},
    MethodRow{Method::sanitize_block, "sanitize_block", true},
    MethodRow{Method::sanitize_overwrite, "sanitize_overwrite", true},
    MethodRow{Method::secure_erase, "secure_erase", true},
    MethodRow{Method::format, "format", true},
    MethodRow{Method::key_erase, "key_erase", false},
    MethodRow{Method::opal_psid, "opal_psid", true},
};

void add_difference(std::string& all, std::string_view what, const std::string& before,
                    const std::string& now) {
  if (before == now) return;
  if (!all.empty()) all += "; ";
  all += "its " + std::string(what) + " was " + (before.empty() ? "none" : before) + " and is " +
         (now.empty() ? "none" : now);
}

}  // namespace

std::string_view name_of(Method method) {
  return kMethods.at(static_cast<std::size_t>(method)).name;
}

std::optional<Method> method_from(std::string_view name) {
  std::string plain(name);
  std::replace(plain.begin(), plain.end(), '-', '_');
  const auto* const row = std::find_if(kMethods.begin(), kMethods.end(),
                                       [&](const MethodRow& one) { return one.name == plain; });
  if (row == kMethods.end()) return std::nullopt;
  return row->method;
}

std::span<const Method> all_methods() {
  static constexpr std::array kAll{Method::overwrite,      Method::sanitize_crypto,
                                   Method::sanitize_block, Method::sanitize_overwrite,
                                   Method::secure_erase,   Method::format,
                                   Method::key_erase,      Method::opal_psid};
  return kAll;
}

bool is_firmware(Method method) { return kMethods.at(static_cast<std::size_t>(method)).firmware; }

std::string_view name_of(Answer answer) {
  constexpr std::array<std::string_view, 3> kNames{"no", "yes", "unknown"};
  return kNames.at(static_cast<std::size_t>(answer));
}

std::string_view name_of(CommandSet commands) {
  constexpr std::array<std::string_view, 5> kNames{"none", "ata", "scsi", "nvme", "mmc"};
  return kNames.at(static_cast<std::size_t>(commands));
}

const MethodAbility* DriveAbilities::ability(Method method) const {
  const auto found = std::find_if(methods.begin(), methods.end(),
                                  [&](const MethodAbility& one) { return one.method == method; });
  return found == methods.end() ? nullptr : &*found;
}

bool DriveAbilities::is_in(std::string_view state) const {
  return std::find(states.begin(), states.end(), state) != states.end();
}

bool is_sanitize(Method method) {
  return method == Method::sanitize_crypto || method == Method::sanitize_block ||
         method == Method::sanitize_overwrite;
}

std::string option_word(Method method) {
  std::string word(name_of(method));
  std::replace(word.begin(), word.end(), '_', '-');
  return word;
}

bool reaches_hidden_area(const DriveAbilities& abilities, Method method) {
  return is_sanitize(method) && abilities.commands == CommandSet::scsi && !abilities.through_bridge;
}

std::string difference(const DriveIdentity& before, const DriveIdentity& now) {
  std::string all;
  add_difference(all, "model", before.model, now.model);
  add_difference(all, "serial", before.serial, now.serial);
  add_difference(all, "WWN", before.wwn, now.wwn);
  add_difference(all, "NGUID", before.nguid, now.nguid);
  add_difference(all, "EUI64", before.eui64, now.eui64);
  add_difference(all, "namespace id", std::to_string(before.namespace_id),
                 std::to_string(now.namespace_id));
  if (before.size_bytes != 0 && now.size_bytes != 0) {
    add_difference(all, "size", std::to_string(before.size_bytes), std::to_string(now.size_bytes));
  }
  return all;
}

}  // namespace quietus
