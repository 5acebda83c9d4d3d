// SPDX-License-Identifier: GPL-3.0-or-later
// TOML as plain values. The only user of toml++ in policy; nothing that it throws leaves this file.
#include "policy/toml_value.h"

#include <algorithm>
#include <exception>
#include <toml++/toml.h>

#include "quietus/declarations.h"
#include "quietus/text.h"

namespace quietus {
namespace {

// toml++ 3.3 limits how deep brackets nest, but not "a.a.a.a"; a table of that depth would exhaust
// the stack when it is taken down. No line of a policy has so many.
constexpr std::ptrdiff_t kMaxDotsOfLine = 100;
constexpr std::size_t kMaxTextBytes = 2000;

TomlValue value_of(const toml::node& node);

void add_members(TomlValue& out, const toml::table& table) {
  for (const auto& [key, value] : table) {
    TomlValue member = value_of(value);
    member.line = key.source().begin.line;
    member.key = std::string(key.str());
    out.members.push_back(std::move(member));
  }
}

TomlValue value_of(const toml::node& node) {
  TomlValue out;
  out.line = node.source().begin.line;
  if (const auto* text = node.as_string()) {
    out.kind = TomlValue::Kind::text;
    out.text = text->get();
  } else if (const auto* integer = node.as_integer()) {
    out.kind = TomlValue::Kind::integer;
    out.integer = integer->get();
  } else if (const auto* boolean = node.as_boolean()) {
    out.kind = TomlValue::Kind::boolean;
    out.boolean = boolean->get();
  } else if (const auto* list = node.as_array()) {
    out.kind = TomlValue::Kind::list;
    for (const toml::node& item : *list) out.items.push_back(value_of(item));
  } else if (const auto* table = node.as_table()) {
    out.kind = TomlValue::Kind::table;
    add_members(out, *table);
  }
  return out;
}

bool has_line_of_dots(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), '.') >
        kMaxDotsOfLine) {
      return true;
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return false;
}

bool is_one_line(std::string_view text) {
  return !text.empty() && text.size() <= kMaxTextBytes && is_utf8(text) && escaped(text) == text;
}

std::string listed(std::span<const std::string_view> words) {
  std::string out;
  for (const std::string_view word : words) {
    out.append(out.empty() ? "" : ", ").append(word);
  }
  return out;
}

}  // namespace

const TomlValue* TomlValue::member(std::string_view wanted) const {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [wanted](const TomlValue& one) { return one.key == wanted; });
  return found == members.end() ? nullptr : &*found;
}

Error TomlFile::error(std::uint32_t line, std::string_view key, std::string_view problem) const {
  return Error{
      Errc::malformed, 0,
      name + ":" + std::to_string(line) + ": " + std::string(key) + ": " + std::string(problem),
      hint};
}

Result<TomlValue> toml_from(std::string_view text, const TomlFile& file, std::uint64_t max_bytes) {
  if (text.size() > max_bytes) {
    return file.error(1, "file", "expected at most " + std::to_string(max_bytes) + " bytes");
  }
  if (has_line_of_dots(text)) {
    return file.error(1, "file", "expected at most 100 full stops in a line");
  }
  try {
    return value_of(toml::parse(text));
  } catch (const toml::parse_error& broken) {
    return file.error(broken.source().begin.line, "TOML", std::string(broken.description()));
  } catch (const std::exception& broken) {
    return file.error(1, "TOML", std::string(broken.what()));
  }
}

void TomlReader::fail(std::uint32_t line, std::string_view key, std::string_view problem) {
  if (!problem_) problem_ = file_.error(line, key, problem);
}

void TomlReader::only(const TomlValue& table, std::span<const std::string_view> keys) {
  for (const TomlValue& value : table.members) {
    if (std::find(keys.begin(), keys.end(), value.key) == keys.end()) {
      fail(value.line, value.key, "expected no such key");
    }
  }
}

const TomlValue* TomlReader::get(const TomlValue& table, std::string_view key, Presence presence,
                                 std::string_view expected) {
  const TomlValue* value = table.member(key);
  if (value == nullptr && presence == Presence::required) {
    fail(table.line, key, "expected " + std::string(expected) + ", and it is missing");
  }
  return value;
}

std::string TomlReader::text(const TomlValue& table, std::string_view key, Presence presence) {
  constexpr std::string_view kExpected = "one line of text";
  const TomlValue* value = get(table, key, presence, kExpected);
  if (value == nullptr) return {};
  if (value->kind == TomlValue::Kind::text && is_one_line(value->text)) return value->text;
  fail(value->line, key, "expected " + std::string(kExpected));
  return {};
}

std::string TomlReader::date(const TomlValue& table, std::string_view key) {
  const TomlValue* value = get(table, key, Presence::required, "a date, \"YYYY-MM-DD\"");
  if (value == nullptr) return {};
  if (value->kind == TomlValue::Kind::text && is_date(value->text)) return value->text;
  fail(value->line, key, "expected a date, \"YYYY-MM-DD\"");
  return {};
}

std::uint32_t TomlReader::number(const TomlValue& table, std::string_view key, std::uint32_t max) {
  const TomlValue* value = table.member(key);
  if (value == nullptr) return 0;
  const bool fits = value->kind == TomlValue::Kind::integer && value->integer >= 0 &&
                    value->integer <= static_cast<std::int64_t>(max);
  if (fits) return static_cast<std::uint32_t>(value->integer);
  fail(value->line, key, "expected a whole number from 0 to " + std::to_string(max));
  return 0;
}

bool TomlReader::flag(const TomlValue& table, std::string_view key, bool otherwise) {
  const TomlValue* value = table.member(key);
  if (value == nullptr) return otherwise;
  if (value->kind == TomlValue::Kind::boolean) return value->boolean;
  fail(value->line, key, "expected true or false");
  return otherwise;
}

std::vector<std::string> TomlReader::texts(const TomlValue& table, std::string_view key,
                                           Presence presence) {
  constexpr std::string_view kExpected = "a list of texts";
  const TomlValue* value = get(table, key, presence, kExpected);
  if (value == nullptr) return {};
  std::vector<std::string> out;
  const bool empty = value->items.empty() && presence == Presence::required;
  if (value->kind != TomlValue::Kind::list || empty)
    fail(value->line, key, "expected a list of texts");
  for (const TomlValue& item : value->items) {
    if (item.kind != TomlValue::Kind::text || !is_one_line(item.text)) {
      fail(item.line, key, "expected a list of texts");
    }
    out.push_back(item.text);
  }
  return out;
}

std::optional<std::size_t> TomlReader::place_of(const TomlValue& value, std::string_view key,
                                                std::span<const std::string_view> words) {
  const auto found = std::find(words.begin(), words.end(), value.text);
  if (value.kind == TomlValue::Kind::text && found != words.end()) {
    return static_cast<std::size_t>(found - words.begin());
  }
  fail(value.line, key, "expected one of " + listed(words));
  return std::nullopt;
}

std::optional<std::size_t> TomlReader::word(const TomlValue& table, std::string_view key,
                                            std::span<const std::string_view> words,
                                            Presence presence) {
  const TomlValue* value = get(table, key, presence, "one of " + listed(words));
  return value == nullptr ? std::nullopt : place_of(*value, key, words);
}

std::vector<std::size_t> TomlReader::words(const TomlValue& table, std::string_view key,
                                           std::span<const std::string_view> words,
                                           Presence presence) {
  const TomlValue* value = get(table, key, presence, "a list of " + listed(words));
  if (value == nullptr) return {};
  const bool empty = value->items.empty() && presence == Presence::required;
  if (value->kind != TomlValue::Kind::list || empty) {
    fail(value->line, key, "expected a list of " + listed(words));
  }
  std::vector<std::size_t> out;
  for (const TomlValue& item : value->items) {
    const auto place = place_of(item, key, words);
    if (!place) break;
    if (std::find(out.begin(), out.end(), *place) != out.end()) {
      fail(item.line, key, "expected each word once");
    }
    out.push_back(*place);
  }
  return out;
}

const TomlValue* TomlReader::table(const TomlValue& parent, std::string_view key) {
  const TomlValue* value = parent.member(key);
  if (value == nullptr || value->kind == TomlValue::Kind::table) return value;
  fail(value->line, key, "expected a table");
  return nullptr;
}

std::span<const TomlValue> TomlReader::tables(const TomlValue& parent, std::string_view key) {
  const TomlValue* value = parent.member(key);
  if (value == nullptr) return {};
  const bool all_tables =
      value->kind == TomlValue::Kind::list &&
      std::all_of(value->items.begin(), value->items.end(),
                  [](const TomlValue& one) { return one.kind == TomlValue::Kind::table; });
  if (all_tables) return value->items;
  fail(value->line, key, "expected tables");
  return {};
}

}  // namespace quietus
