// SPDX-License-Identifier: GPL-3.0-or-later
// Reads trust: a strict subset of OpenSSH's allowed_signers (ssh-keygen(1), ALLOWED SIGNERS), or
// one PEM public key. What the subset leaves out is refused, never skipped.
#include "quietus/trust.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <set>
#include <utility>

namespace quietus {
namespace {

constexpr std::string_view kPemStart = "-----BEGIN ";
constexpr std::string_view kKeyType = "ssh-ed25519";
// RFC 8709 §4: string "ssh-ed25519", string key; each with its length in 32 bits, big endian.
constexpr std::string_view kBlobPrefix{"\0\0\0\x0bssh-ed25519\0\0\0\x20", 19};
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

/// A name without what OpenSSH takes for a pattern, a list or a quotation.
bool is_plain_name(std::string_view text) {
  return !text.empty() && is_utf8(text) &&
         text.find_first_of("*?!,\"\\ \t") == std::string_view::npos;
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
    if (!is_plain_name(name)) return malformed("a namespace is empty or has a wildcard");
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

/// name="value",name="value"
Status set_options(TrustedKey& key, std::string_view text) {
  while (true) {
    const std::size_t equals = text.find("=\"");
    const std::size_t end = equals == std::string_view::npos ? equals : text.find('"', equals + 2);
    if (end == std::string_view::npos) return malformed("an option is not name=\"value\"");
    const std::string_view name = text.substr(0, equals);
    const auto* const option = std::find_if(kOptions.begin(), kOptions.end(),
                                            [&](const OptionRow& row) { return row.name == name; });
    if (option == kOptions.end()) return malformed("unknown option \"" + std::string(name) + "\"");
    const std::string_view value = text.substr(equals + 2, end - equals - 2);
    if (Status set = option->set(key, value); !set) return set;
    text.remove_prefix(end + 1);
    if (text.empty()) return {};
    if (!text.starts_with(',')) return malformed("options are not parted by a comma");
    text.remove_prefix(1);
  }
}

Result<PublicKey> key_from_blob(std::string_view base64) {
  const Result<Bytes> blob = from_base64(base64);
  if (!blob) return malformed("the key is not canonical base64");
  PublicKey key;
  const std::string text = text_of(*blob);
  if (text.size() != kBlobPrefix.size() + key.bytes.size() || !text.starts_with(kBlobPrefix)) {
    return malformed("the key is not an ssh-ed25519 key");
  }
  std::copy(blob->end() - static_cast<std::ptrdiff_t>(key.bytes.size()), blob->end(),
            key.bytes.begin());
  return from_pem(to_pem(key));  // which refuses weak keys
}

Result<TrustedKey> key_from_line(std::string_view line) {
  TrustedKey key;
  const std::string_view principal = take_word(line);
  if (!is_plain_name(principal)) {
    return malformed("the principal is not one name without wildcards");
  }
  key.principal = principal;
  std::string_view word = take_word(line);
  if (word.find('=') != std::string_view::npos) {
    if (Status set = set_options(key, word); !set) return set.error();
    word = take_word(line);
  }
  if (word != kKeyType) return malformed("the key type is not ssh-ed25519");
  Result<PublicKey> bytes = key_from_blob(take_word(line));
  if (!bytes) return bytes.error();
  key.key = *bytes;
  if (key.valid_after && key.valid_before && *key.valid_after > *key.valid_before) {
    return malformed("valid-after is later than valid-before");
  }
  return key;
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

/// One line into the store; blank lines and comments add nothing.
Status add_line(TrustStore& store, std::set<PublicKey>& seen, std::string_view line) {
  if (has_control_character(line)) return malformed("a control character");
  while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
  if (line.empty() || line.front() == '#') return {};
  Result<TrustedKey> key = key_from_line(line);
  if (!key) return key.error();
  // One key, one role, one principal: two lines for one key would have to be told apart.
  if (!seen.insert(key->key).second) return malformed("the key stands twice");
  store.keys.push_back(std::move(*key));
  return {};
}

}  // namespace

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
  std::set<PublicKey> seen;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    if (Status added = add_line(store, seen, text.substr(0, end)); !added) {
      return added.error().in("trust, line " + std::to_string(number));
    }
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return store;
}

}  // namespace quietus
