// SPDX-License-Identifier: GPL-3.0-or-later
// FormJson: the signed statement as human forms read it. Tolerant: what is missing is not stated;
// what was taken out by redaction is "withheld". Decides nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/result.h"

namespace quietus::report {

inline constexpr std::string_view kWithheld = "withheld";

/// Places are JSON pointers from the statement's root (RFC 6901).
class FormJson {
 public:
  /// Errors: malformed.
  [[nodiscard]] static Result<FormJson> from(std::string_view text);
  FormJson(FormJson&& other) noexcept;
  FormJson& operator=(FormJson&& other) noexcept;
  ~FormJson();

  [[nodiscard]] bool has(const std::string& place) const;
  /// What stands there as text: a string, a whole number in decimal, "yes" or "no". Where it is
  /// absent, the text of PLACE_base64; then "withheld" if that place was redacted. None otherwise.
  [[nodiscard]] std::optional<std::string> text(const std::string& place) const;
  /// The same, or nothing at all.
  [[nodiscard]] std::string text_or_empty(const std::string& place) const;
  /// A number, or a decimal string of one.
  [[nodiscard]] std::optional<std::uint64_t> number(const std::string& place) const;
  /// 0 where there is none.
  [[nodiscard]] std::uint64_t number_or_0(const std::string& place) const;
  /// Whether `true` stands there.
  [[nodiscard]] bool flag(const std::string& place) const;
  /// Length of the array; 0 where there is none.
  [[nodiscard]] std::size_t count(const std::string& place) const;
  /// Names of the object's members, in order of their names.
  [[nodiscard]] std::vector<std::string> members(const std::string& place) const;
  /// The places that the signed body keeps a digest of, but no disclosure shows.
  [[nodiscard]] std::vector<std::string> withheld() const;

 private:
  explicit FormJson(std::unique_ptr<nlohmann::json> json);
  [[nodiscard]] const nlohmann::json* at(const std::string& place) const;
  [[nodiscard]] bool is_withheld(const std::string& place) const;

  std::unique_ptr<nlohmann::json> json_;
};

}  // namespace quietus::report
