// SPDX-License-Identifier: GPL-3.0-or-later
// TOML as plain values with their lines, and a reader of tables that is strict about names and
// types. Keeps the first problem that it meets.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/result.h"

namespace quietus {

struct TomlValue {
  enum class Kind { text, integer, boolean, list, table, other };
  Kind kind = Kind::other;
  std::string text;
  std::int64_t integer = 0;
  bool boolean = false;
  std::vector<TomlValue> items;
  std::vector<TomlValue> members;  ///< of a table, each with its key
  std::string key;
  std::uint32_t line = 1;

  [[nodiscard]] const TomlValue* member(std::string_view wanted) const;
};

/// What to say of a file's problems: its name, and where its format is described.
struct TomlFile {
  std::string name;
  std::string hint;

  [[nodiscard]] Error error(std::uint32_t line, std::string_view key,
                            std::string_view problem) const;
};

/// Errors: malformed.
[[nodiscard]] Result<TomlValue> toml_from(std::string_view text, const TomlFile& file,
                                          std::uint64_t max_bytes);

enum class Presence { required, optional };

/// Reads members of tables. After the first problem everything that is read is empty.
class TomlReader {
 public:
  explicit TomlReader(const TomlFile& file) : file_(file) {}

  void only(const TomlValue& table, std::span<const std::string_view> keys);
  /// One line of text, not empty, without control characters.
  std::string text(const TomlValue& table, std::string_view key, Presence presence);
  /// YYYY-MM-DD.
  std::string date(const TomlValue& table, std::string_view key);
  std::uint32_t number(const TomlValue& table, std::string_view key, std::uint32_t max);
  bool flag(const TomlValue& table, std::string_view key, bool otherwise);
  std::vector<std::string> texts(const TomlValue& table, std::string_view key, Presence presence);
  /// A word of the list, as its place in it.
  std::optional<std::size_t> word(const TomlValue& table, std::string_view key,
                                  std::span<const std::string_view> words, Presence presence);
  /// Words of the list, none of them twice.
  std::vector<std::size_t> words(const TomlValue& table, std::string_view key,
                                 std::span<const std::string_view> words, Presence presence);
  const TomlValue* table(const TomlValue& parent, std::string_view key);
  /// A list of tables; empty where it is absent.
  std::span<const TomlValue> tables(const TomlValue& parent, std::string_view key);

  void fail(std::uint32_t line, std::string_view key, std::string_view problem);
  [[nodiscard]] const std::optional<Error>& problem() const { return problem_; }

 private:
  const TomlValue* get(const TomlValue& table, std::string_view key, Presence presence,
                       std::string_view expected);
  std::optional<std::size_t> place_of(const TomlValue& value, std::string_view key,
                                      std::span<const std::string_view> words);

  const TomlFile& file_;
  std::optional<Error> problem_;
};

}  // namespace quietus
