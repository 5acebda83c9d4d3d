// SPDX-License-Identifier: GPL-3.0-or-later
// Scheme files (TOML, quietus-scheme(5)). The only user of toml++ in scheme; nothing that it throws
// leaves this file.
#include <algorithm>
#include <array>
#include <exception>
#include <optional>
#include <set>
#include <string>
#include <toml++/toml.h>
#include <utility>

#include "quietus/scheme.h"

#include "scheme/notation.h"

namespace quietus {
namespace {

constexpr std::size_t kMaxFileBytes = 65536;
// toml++ 3.3 limits how deep brackets nest, but not "a.a.a.a"; a table of that depth would exhaust
// the stack when it is taken down.
constexpr std::ptrdiff_t kMaxDots = 1000;
constexpr std::size_t kMaxTitleBytes = 200;
constexpr std::size_t kMaxNoteBytes = 1000;
constexpr std::size_t kMaxIdBytes = 64;

constexpr std::array<std::string_view, 5> kFileKeys{"id", "title", "standard", "note", "pass"};

std::optional<std::string_view> string_in(const toml::node& node) {
  const auto* text = node.as_string();
  if (text == nullptr) return std::nullopt;
  return text->get();
}

std::optional<Pattern> hex_pattern(const toml::node& node) {
  auto bytes = pattern_bytes_from(string_in(node).value_or(""));
  if (!bytes) return std::nullopt;
  Pattern pattern;
  pattern.kind = Pattern::Kind::fixed;
  pattern.bytes = std::move(*bytes);
  return pattern;
}

std::optional<Pattern> random_pattern(const toml::node& node) {
  const auto* flag = node.as_boolean();
  if (flag == nullptr || !flag->get()) return std::nullopt;
  return Pattern{};
}

std::optional<Pattern> slot_pattern(const toml::node& node, Pattern::Kind kind) {
  const auto slot = slot_from(string_in(node).value_or(""));
  if (!slot) return std::nullopt;
  Pattern pattern;
  pattern.kind = kind;
  pattern.slot = *slot;
  return pattern;
}

/// The keys that say what a pass writes.
struct PatternKey {
  std::string_view name;
  std::string_view expected;
  std::optional<Pattern> (*read)(const toml::node& node);
};
constexpr std::array<PatternKey, 4> kPatternKeys{{
    {"hex", "1 to 512 bytes such as \"92 49 24\"", hex_pattern},
    {"random", "true", random_pattern},
    {"drawn", R"("C1" to "C1000")",
     [](const toml::node& node) { return slot_pattern(node, Pattern::Kind::drawn); }},
    {"complement_of", R"("C1" to "C1000")",
     [](const toml::node& node) { return slot_pattern(node, Pattern::Kind::complement); }},
}};
constexpr std::string_view kVerifyKey = "verify";

bool is_file_key(std::string_view key) {
  return std::find(kFileKeys.begin(), kFileKeys.end(), key) != kFileKeys.end();
}

bool is_pass_key(std::string_view key) {
  return key == kVerifyKey || std::any_of(kPatternKeys.begin(), kPatternKeys.end(),
                                          [key](const PatternKey& k) { return k.name == key; });
}

bool is_one_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto code = static_cast<unsigned char>(c);
    return code < 0x20 || code == 0x7f;
  });
}

bool is_id(std::string_view id) {
  const auto alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !id.empty() && id.size() <= kMaxIdBytes && alphanumeric(id.front()) &&
         std::all_of(id.begin(), id.end(), [&](char c) { return c == '-' || alphanumeric(c); });
}

/// Whether the id is built in, or has the form of shred-N, whatever the number.
bool is_taken(std::string_view id) {
  constexpr std::string_view shred = "shred-";
  const auto all = built_in_schemes();
  if (std::any_of(all.begin(), all.end(), [id](const Scheme& s) { return s.id == id; }))
    return true;
  return id.starts_with(shred) &&
         id.find_first_not_of("0123456789", shred.size()) == std::string_view::npos;
}

/// Walks one file's tables. Every error names file, line and key.
class SchemeFile final {
 public:
  explicit SchemeFile(const std::string& name) : name_(name) {}

  [[nodiscard]] Error error(toml::source_index line, std::string_view key,
                            std::string_view problem) const {
    return Error{
        Errc::malformed, 0,
        name_ + ":" + std::to_string(line) + ": " + std::string(key) + ": " + std::string(problem),
        "quietus-scheme(5) describes the format"};
  }

  [[nodiscard]] Result<Scheme> scheme(const toml::table& root) const;

 private:
  [[nodiscard]] Error expected(const toml::node& node, std::string_view key,
                               std::string_view what) const {
    return error(node.source().begin.line, key, "expected " + std::string(what));
  }
  [[nodiscard]] Status known_keys(const toml::table& table, bool (*known)(std::string_view)) const;
  [[nodiscard]] Result<std::string> line_of_text(const toml::table& root, std::string_view key,
                                                 std::size_t max) const;
  [[nodiscard]] Result<std::string> id(const toml::table& root) const;
  [[nodiscard]] Result<std::string> title(const toml::table& root) const;
  [[nodiscard]] Result<std::vector<Pass>> passes(const toml::table& root) const;
  [[nodiscard]] Result<Pass> pass(const toml::table& table) const;
  [[nodiscard]] Result<Pattern> pattern(const toml::table& table) const;
  [[nodiscard]] Result<bool> verify(const toml::table& table) const;

  const std::string& name_;
};

Status SchemeFile::known_keys(const toml::table& table, bool (*known)(std::string_view)) const {
  for (const auto& [key, value] : table) {
    if (!known(key.str())) {
      return error(key.source().begin.line, key.str(), "expected no such key");
    }
  }
  return {};
}

/// Empty where the key is absent.
Result<std::string> SchemeFile::line_of_text(const toml::table& root, std::string_view key,
                                             std::size_t max) const {
  const toml::node* node = root.get(key);
  if (node == nullptr) return std::string();
  const auto text = string_in(*node);
  if (!text || text->size() > max || !is_one_line(*text)) {
    return expected(*node, key, "one line of text of at most " + std::to_string(max) + " bytes");
  }
  return std::string(*text);
}

Result<std::string> SchemeFile::id(const toml::table& root) const {
  constexpr std::string_view form = "1 to 64 of a-z, 0-9 and -, the first not -";
  const toml::node* node = root.get("id");
  if (node == nullptr) return expected(root, "id", form);
  const auto id = string_in(*node);
  if (!id || !is_id(*id)) return expected(*node, "id", form);
  if (is_taken(*id)) return expected(*node, "id", "an id that no built-in scheme has");
  return std::string(*id);
}

Result<std::string> SchemeFile::title(const toml::table& root) const {
  auto title = line_of_text(root, "title", kMaxTitleBytes);
  if (!title || !title->empty()) return title;
  const toml::node* node = root.get("title");
  return expected(node != nullptr ? *node : root, "title", "a title");
}

Result<bool> SchemeFile::verify(const toml::table& table) const {
  const toml::node* node = table.get(kVerifyKey);
  if (node == nullptr) return false;
  const auto* flag = node->as_boolean();
  if (flag == nullptr) return expected(*node, kVerifyKey, "true or false");
  return flag->get();
}

Result<Pattern> SchemeFile::pattern(const toml::table& table) const {
  constexpr std::string_view one = "exactly one of hex, random, drawn and complement_of";
  std::optional<Pattern> found;
  for (const PatternKey& key : kPatternKeys) {
    const toml::node* node = table.get(key.name);
    if (node == nullptr) continue;
    if (found) return expected(*node, "pass", one);
    found = key.read(*node);
    if (!found) return expected(*node, key.name, key.expected);
  }
  if (!found) return expected(table, "pass", one);
  return std::move(*found);
}

Result<Pass> SchemeFile::pass(const toml::table& table) const {
  if (auto known = known_keys(table, is_pass_key); !known) return known.error();
  auto what = pattern(table);
  if (!what) return what.error();
  auto compare = verify(table);
  if (!compare) return compare.error();
  return Pass{std::move(what).value(), *compare};
}

Result<std::vector<Pass>> SchemeFile::passes(const toml::table& root) const {
  const toml::node* node = root.get("pass");
  const toml::array* list = node != nullptr ? node->as_array() : nullptr;
  if (list == nullptr || list->empty() || list->size() > kMaxPasses) {
    return expected(node != nullptr ? *node : root, "pass", "1 to 1000 tables [[pass]]");
  }
  std::vector<Pass> all;
  std::set<std::uint32_t> drawn;
  for (const toml::node& element : *list) {
    const toml::table* table = element.as_table();
    if (table == nullptr) return expected(element, "pass", "a table [[pass]]");
    auto next = pass(*table);
    if (!next) return next.error();
    const Pattern& pattern = next->pattern;
    if (pattern.kind == Pattern::Kind::drawn) drawn.insert(pattern.slot);
    if (pattern.kind == Pattern::Kind::complement && drawn.count(pattern.slot) == 0) {
      return expected(*table->get("complement_of"), "complement_of",
                      "a byte that an earlier pass draws");
    }
    all.push_back(std::move(next).value());
  }
  return all;
}

Result<Scheme> SchemeFile::scheme(const toml::table& root) const {
  if (auto known = known_keys(root, is_file_key); !known) return known.error();
  auto its_id = id(root);
  if (!its_id) return its_id.error();
  auto its_title = title(root);
  if (!its_title) return its_title.error();
  auto standard = line_of_text(root, "standard", kMaxTitleBytes);
  if (!standard) return standard.error();
  auto note = line_of_text(root, "note", kMaxNoteBytes);
  if (!note) return note.error();
  auto its_passes = passes(root);
  if (!its_passes) return its_passes.error();
  return Scheme{*its_id, *its_title,  *standard,           "", SchemeStatus::custom,
                *note,   *its_passes, PassOrder::as_listed};
}

}  // namespace

Result<Scheme> scheme_from_toml(std::string_view text, const std::string& file) {
  const SchemeFile reader(file);
  if (text.size() > kMaxFileBytes) return reader.error(1, "file", "expected at most 65536 bytes");
  if (std::count(text.begin(), text.end(), '.') > kMaxDots) {
    return reader.error(1, "file", "expected at most 1000 full stops");
  }
  try {
    return reader.scheme(toml::parse(text));
  } catch (const toml::parse_error& broken) {
    return reader.error(broken.source().begin.line, "TOML", std::string(broken.description()));
  } catch (const std::exception& broken) {
    return reader.error(1, "TOML", std::string(broken.what()));
  }
}

}  // namespace quietus
