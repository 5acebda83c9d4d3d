// SPDX-License-Identifier: GPL-3.0-or-later
// How foreign text and findings stand in JSON: one rule for plan, events, manifest and certificate.
#include "quietus/json_text.h"

#include <nlohmann/json.hpp>

#include "quietus/text.h"

namespace quietus {

void put_text(nlohmann::ordered_json& object, const std::string& key, const std::string& text) {
  if (is_utf8(text)) {
    object[key] = text;
  } else {
    object[key + "_base64"] = to_base64(bytes_of(text));
  }
}

nlohmann::ordered_json json_number(std::uint64_t value) {
  constexpr std::uint64_t kLargest = (std::uint64_t{1} << 53U) - 1;
  if (value > kLargest) return std::to_string(value);
  return value;
}

nlohmann::ordered_json json_of(const Finding& finding) {
  nlohmann::ordered_json out = {{"level", name_of(finding.level)}, {"code", finding.code}};
  put_text(out, "object", finding.object);
  put_text(out, "text", finding.text);
  if (!finding.hint.empty()) put_text(out, "hint", finding.hint);
  return out;
}

std::string to_line(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace quietus
