// SPDX-License-Identifier: GPL-3.0-or-later
// The only place that makes JSON values of foreign text, and only after check_strict_json.
#include "certificate/json_reading.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "quietus/strict_json.h"
#include "quietus/text.h"

namespace quietus {

using Json = nlohmann::json;

Error malformed(std::string what) { return {Errc::malformed, 0, std::move(what)}; }

Result<Json> parse_object(std::string_view text, std::string_view what) {
  if (Status strict = check_strict_json(text); !strict) return strict.error().in(what);
  Json json = Json::parse(text.begin(), text.end(), nullptr, false);
  if (!json.is_object()) return malformed(std::string(what) + " is not a JSON object");
  return json;
}

const Json* member(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

const std::string* text_in(const Json& object, const char* name) {
  const Json* value = member(object, name);
  return value == nullptr ? nullptr : value->get_ptr<const std::string*>();
}

bool has_only(const Json& object, std::span<const std::string_view> names) {
  if (!object.is_object()) return false;
  for (const auto& item : object.items()) {
    if (std::find(names.begin(), names.end(), item.key()) == names.end()) return false;
  }
  return true;
}

bool is_digest(const std::string* text) {
  return text != nullptr && text->size() == 64 && from_hex(*text).ok();
}

std::string text_or_empty(const Json& object, const char* name) {
  const std::string* text = text_in(object, name);
  return text == nullptr ? std::string() : *text;
}

std::optional<std::uint64_t> number_in(const Json& object, const char* name) {
  const Json* value = member(object, name);
  if (value == nullptr) return std::nullopt;
  if (const auto* text = value->get_ptr<const std::string*>()) return decimal_from(*text);
  if (!value->is_number_unsigned()) return std::nullopt;
  return value->get<std::uint64_t>();
}

}  // namespace quietus
