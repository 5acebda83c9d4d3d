// SPDX-License-Identifier: GPL-3.0-or-later
// Reads a statement for human forms. What arrives here was verified before.
#include "report/form_json.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "quietus/strict_json.h"
#include "quietus/text.h"

namespace quietus::report {
namespace {

using Json = nlohmann::json;

constexpr const char* kRedactable = "/predicate/redactable";

std::optional<std::string> plain_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return std::string(value.get<bool>() ? "yes" : "no");
  if (value.is_number_integer()) return value.dump();
  return std::nullopt;
}

}  // namespace

Result<FormJson> FormJson::from(std::string_view text) {
  if (Status strict = check_strict_json(text); !strict) return strict.error().in("the statement");
  auto json = std::make_unique<Json>(Json::parse(text.begin(), text.end(), nullptr, false));
  if (!json->is_object()) return Error{Errc::malformed, 0, "the statement is not a JSON object"};
  return FormJson(std::move(json));
}

FormJson::FormJson(std::unique_ptr<Json> json) : json_(std::move(json)) {}
FormJson::FormJson(FormJson&& other) noexcept = default;
FormJson& FormJson::operator=(FormJson&& other) noexcept = default;
FormJson::~FormJson() = default;

const Json* FormJson::at(const std::string& place) const {
  const Json::json_pointer pointer(place);
  return json_->contains(pointer) ? &json_->at(pointer) : nullptr;
}

bool FormJson::has(const std::string& place) const { return at(place) != nullptr; }

bool FormJson::is_withheld(const std::string& place) const {
  const Json* map = at(kRedactable);
  return map != nullptr && map->is_object() && map->contains(place);
}

std::optional<std::string> FormJson::text(const std::string& place) const {
  if (const Json* value = at(place)) return plain_text(*value);
  const Json* encoded = at(place + "_base64");
  if (encoded != nullptr && encoded->is_string()) {
    const Result<Bytes> bytes = from_base64(encoded->get<std::string>());
    if (bytes) return text_of(*bytes);
  }
  if (is_withheld(place) || is_withheld(place + "_base64")) return std::string(kWithheld);
  return std::nullopt;
}

std::string FormJson::text_or_empty(const std::string& place) const {
  return text(place).value_or(std::string());
}

std::optional<std::uint64_t> FormJson::number(const std::string& place) const {
  const Json* value = at(place);
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) return decimal_from(value->get<std::string>());
  if (!value->is_number_unsigned()) return std::nullopt;
  return value->get<std::uint64_t>();
}

std::uint64_t FormJson::number_or_0(const std::string& place) const {
  return number(place).value_or(0);
}

bool FormJson::flag(const std::string& place) const {
  const Json* value = at(place);
  return value != nullptr && value->is_boolean() && value->get<bool>();
}

std::size_t FormJson::count(const std::string& place) const {
  const Json* value = at(place);
  return value != nullptr && value->is_array() ? value->size() : 0;
}

std::vector<std::string> FormJson::members(const std::string& place) const {
  std::vector<std::string> names;
  const Json* value = at(place);
  if (value == nullptr || !value->is_object()) return names;
  for (const auto& item : value->items()) names.push_back(item.key());
  return names;
}

std::vector<std::string> FormJson::withheld() const {
  std::vector<std::string> places;
  for (const std::string& place : members(kRedactable)) {
    const bool is_pointer =
        place.starts_with("/predicate/") && place.find('~') == std::string::npos;
    if (is_pointer && at(place) == nullptr) places.push_back(place);
  }
  return places;
}

}  // namespace quietus::report
