// SPDX-License-Identifier: GPL-3.0-or-later
// Reads trust: a strict subset of OpenSSH's allowed_signers (ssh-keygen(1), ALLOWED SIGNERS), or
// one PEM public key. Other kinds of lines are skipped and told; what is wrong is refused.
#include "quietus/trust.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <utility>
#include <variant>

#include "quietus/ssh_signature.h"

namespace quietus {
namespace {

constexpr std::string_view kPemStart = "-----BEGIN ";
constexpr std::string_view kKeyType = "ssh-ed25519";
// How the names of OpenSSH's other key types begin.
constexpr std::array<std::string_view, 3> kForeignTypes{"ssh-", "ecdsa-", "sk-"};
constexpr std::size_t kMaxBytes = std::size_t{4} << 20U;

Error malformed(std::string_view what) { return {Errc::malformed, 0, std::string(what)}; }

bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// Takes the next word off the line; a word ends at a blank that is not between quotes.
std::string_view take_word(std::string_view& line) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < line.size() && (quoted || !is_blank(line[end])); ++end) {
    if (line[end] == '"') quoted = !quoted;
  }
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
  return word;
}

/// The number that the digits are; none for anything but digits.
std::optional<unsigned> digits(std::string_view text) {
  unsigned value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value;
}

/// YYYYMMDDZ, YYYYMMDDHHMMZ or YYYYMMDDHHMMSSZ.
std::optional<Time> time_from(std::string_view text) {
  constexpr std::size_t kDate = 8;
  constexpr std::size_t kMinutes = 12;
  constexpr std::size_t kSeconds = 14;
  if (!text.ends_with('Z')) return std::nullopt;
  text.remove_suffix(1);
  if (text.size() != kDate && text.size() != kMinutes && text.size() != kSeconds) {
    return std::nullopt;
  }
  std::string full(text);
  full.resize(kSeconds, '0');
  const auto part = [&](std::size_t at, std::size_t size) { return digits({&full[at], size}); };
  const auto year = part(0, 4), month = part(4, 2), day = part(6, 2);
  const auto hour = part(8, 2), minute = part(10, 2), second = part(12, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(*month), std::chrono::day(*day)};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  return Time(std::chrono::sys_days(date)) + std::chrono::hours(*hour) +
         std::chrono::minutes(*minute) + std::chrono::seconds(*second);
}

Status set_namespaces(TrustedKey& key, std::string_view value) {
  if (!key.namespaces.empty()) return malformed("namespaces stands twice");
  while (true) {
    const std::size_t comma = value.find(',');
    const std::string_view name = value.substr(0, comma);
    if (!is_principal(name)) return malformed("a namespace is empty or has a wildcard");
    key.namespaces.emplace_back(name);
    if (comma == std::string_view::npos) return {};
    value.remove_prefix(comma + 1);
  }
}

Status set_time(std::optional<Time>& time, std::string_view value) {
  if (time) return malformed("a date stands twice");
  time = time_from(value);
  if (!time) return malformed("a date is not YYYYMMDD[HHMM[SS]]Z");
  return {};
}

struct OptionRow {
  std::string_view name;
  Status (*set)(TrustedKey& key, std::string_view value);
};

constexpr std::array kOptions{
    OptionRow{"namespaces", set_namespaces},
    OptionRow{"valid-after",
              [](TrustedKey& key, std::string_view v) { return set_time(key.valid_after, v); }},
    OptionRow{"valid-before",
              [](TrustedKey& key, std::string_view v) { return set_time(key.valid_before, v); }},
};

/// A line is a key, or left out and why.
using Line = std::variant<TrustedKey, std::string>;

struct Option {
  std::string_view name;
  std::optional<std::string_view> value;  ///< none: the name stands alone
};

/// Takes the next of name="value",name,...; the comma behind it too.
Result<Option> take_option(std::string_view& text) {
  constexpr std::string_view kLetters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
  const Error error = malformed("an option is not name=\"value\"");
  Option option;
  const std::size_t end = std::min(text.find_first_not_of(kLetters), text.size());
  option.name = text.substr(0, end);
  text.remove_prefix(end);
  if (option.name.empty()) return error;
  if (text.starts_with("=\"")) {
    const std::size_t quote = text.find('"', 2);
    if (quote == std::string_view::npos) return error;
    option.value = text.substr(2, quote - 2);
    text.remove_prefix(quote + 1);
  }
  if (text.empty()) return option;
  if (!text.starts_with(',') || text.size() == 1) {
    return text.starts_with('=') || text == "," ? error
                                                : malformed("options are not parted by a comma");
  }
  text.remove_prefix(1);
  return option;
}

/// Sets what the options say; the name of one that is not ours, if there is one.
Result<std::string> set_options(TrustedKey& key, std::string_view text) {
  std::string foreign;
  while (!text.empty()) {
    const Result<Option> option = take_option(text);
    if (!option) return option.error();
    const auto* const row = std::find_if(kOptions.begin(), kOptions.end(), [&](const OptionRow& r) {
      return r.name == option->name;
    });
    if (row == kOptions.end()) {
      foreign = option->name;
    } else if (!option->value) {
      return malformed("an option is not name=\"value\"");
    } else if (Status set = row->set(key, *option->value); !set) {
      return set.error();
    }
  }
  return foreign;
}

bool is_key_type(std::string_view word) {
  return std::any_of(kForeignTypes.begin(), kForeignTypes.end(),
                     [&](std::string_view start) { return word.starts_with(start); });
}

Result<Line> key_from_line(std::string_view line) {
  TrustedKey key;
  key.principal = take_word(line);
  std::string_view word = take_word(line);
  Result<std::string> foreign = std::string();
  if (!is_key_type(word) && !line.empty()) {
    foreign = set_options(key, word);
    if (!foreign) return foreign.error();
    word = take_word(line);
  }
  if (!is_key_type(word)) return malformed("the key type is not ssh-ed25519");
  if (word != kKeyType) return Line("key type " + std::string(word));
  if (!foreign->empty()) return Line("option " + *foreign);
  if (!is_principal(key.principal)) {
    return malformed("the principal is not one name without wildcards");
  }
  Result<PublicKey> bytes = from_ssh_blob(take_word(line));
  if (!bytes) return bytes.error();
  key.key = *bytes;
  if (key.valid_after && key.valid_before && *key.valid_after > *key.valid_before) {
    return malformed("valid-after is later than valid-before");
  }
  return Line(std::move(key));
}

bool has_control_character(std::string_view line) {
  return std::any_of(line.begin(), line.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

Result<TrustStore> trust_from_pem(std::string_view text) {
  const Result<PublicKey> key = from_pem(text);
  if (!key) return key.error();
  return TrustStore{{TrustedKey{"key", *key, {}, {}, {}}}};
}

using Holders = std::map<PublicKey, std::string>;

/// One line into the store; blank lines and comments add nothing.
Status add_line(TrustStore& store, Holders& holders, std::string_view line, std::size_t number) {
  if (has_control_character(line)) return malformed("a control character");
  while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
  if (line.empty() || line.front() == '#') return {};
  Result<Line> read = key_from_line(line);
  if (!read) return read.error();
  if (auto* why = std::get_if<std::string>(&*read)) {
    store.skipped.push_back({number, std::move(*why)});
    return {};
  }
  auto& key = std::get<TrustedKey>(*read);
  // Two people with one key could not be told apart.
  const auto [holder, fresh] = holders.emplace(key.key, key.principal);
  if (!fresh && holder->second != key.principal) {
    return malformed("the key stands under another principal already");
  }
  store.keys.push_back(std::move(key));
  return {};
}

/// A date of a trust file, in whole seconds.
std::string date_of(Time time) {
  std::string text;
  for (const char c : to_rfc3339(std::chrono::floor<std::chrono::seconds>(time))) {
    if (c != '-' && c != ':' && c != 'T') text += c;
  }
  return text;
}

}  // namespace

bool is_principal(std::string_view name) {
  return !name.empty() && name.front() != '#' && escaped(name) == name &&
         name.find_first_of("*?!,\"\\ \t") == std::string_view::npos;
}

const TrustedKey* TrustStore::find(std::string_view key_id) const {
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const TrustedKey& key) {
    return key_id_of(key.key) == key_id;
  });
  return found == keys.end() ? nullptr : &*found;
}

Result<TrustStore> trust_from(std::string_view text) {
  if (text.size() > kMaxBytes) return malformed("trust: longer than 4 MiB");
  if (text.starts_with(kPemStart)) return trust_from_pem(text);
  TrustStore store;
  Holders holders;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    if (Status added = add_line(store, holders, text.substr(0, end), number); !added) {
      return added.error().in("trust, line " + std::to_string(number));
    }
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return store;
}

std::string to_line(const TrustedKey& key) {
  std::string options;
  const auto add = [&options](const char* name, const std::string& value) {
    options.append(options.empty() ? " " : ",").append(name).append("=\"").append(value) += '"';
  };
  std::string names;
  for (const std::string& name : key.namespaces) names += (names.empty() ? "" : ",") + name;
  if (!names.empty()) add("namespaces", names);
  if (key.valid_after) add("valid-after", date_of(*key.valid_after));
  if (key.valid_before) add("valid-before", date_of(*key.valid_before));
  return key.principal + options + " " + to_ssh_key(key.key) + "\n";
}

}  // namespace quietus
