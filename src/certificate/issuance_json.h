// SPDX-License-Identifier: GPL-3.0-or-later
// The parts of a statement that say who made it, where and with what: the same in every kind of
// statement. Reads nothing, signs nothing.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "quietus/certificate.h"

namespace quietus {

/// Nothing for an empty text: what is not known is left out.
void put_known(nlohmann::ordered_json& object, const std::string& key, const std::string& text);

[[nodiscard]] std::string_view name_of(ClockState state);
[[nodiscard]] nlohmann::ordered_json json_of(const Machine& machine);
[[nodiscard]] nlohmann::ordered_json json_of(const Account& account);
/// Name, version and digest of the running program.
[[nodiscard]] nlohmann::ordered_json tool_of(const Issuance& issuance);
[[nodiscard]] nlohmann::ordered_json people_of(const Issuance& issuance);
[[nodiscard]] nlohmann::ordered_json key_custody_of(const Issuance& issuance);

/// The statement with what may be withheld taken out, printed.
[[nodiscard]] Statement finished(nlohmann::ordered_json statement, const Issuance& issuance);

}  // namespace quietus
