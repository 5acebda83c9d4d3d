// SPDX-License-Identifier: GPL-3.0-or-later
// Bodies: salted commitments, and the files in bodies/ that open them. Deleting such a file makes
// its leaf meaningless while the log still verifies.
#include <algorithm>
#include <array>
#include <cstddef>
#include <nlohmann/json.hpp>

#include "quietus/digest.h"
#include "quietus/strict_json.h"
#include "quietus/text.h"

#include "ledger/leaf.h"

namespace quietus::ledger {
namespace {

constexpr std::size_t kSaltBytes = 16;

// SHA-256("quietus-commit-v1" || 0x00 || salt || body)
std::string commitment_of(std::span<const std::byte> salt, std::string_view body) {
  using std::literals::operator""sv;
  Sha256 hash;
  hash.update(bytes_of("quietus-commit-v1\0"sv));
  hash.update(salt);
  hash.update(bytes_of(body));
  return to_hex(hash.finish());
}

Error malformed(std::string_view what) {
  return {Errc::malformed, 0, "not a body file: " + std::string(what)};
}

// The two strings of a body file; nothing else may be in it.
struct Members {
  std::string salt;
  std::string body;
};

Result<Members> members_of(std::string_view file_text) {
  const auto json = nlohmann::json::parse(file_text.begin(), file_text.end(), nullptr, false);
  if (!json.is_object() || json.size() != 2)
    return malformed("it is not one object of two members");
  const auto salt = json.find("salt");
  const auto body = json.find("body");
  if (salt == json.end() || body == json.end() || !salt->is_string() || !body->is_string()) {
    return malformed("salt or body is missing");
  }
  return Members{salt->get<std::string>(), body->get<std::string>()};
}

}  // namespace

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\u00" + to_hex(bytes_of({&c, 1}));
    } else {
      out += c;
    }
  }
  return out + "\"";
}

Result<SealedBody> seal_body(const std::string& body, Random& random) {
  const JsonLimits limits{.max_bytes = kMaxBodyBytes};
  if (Status good = check_strict_json(body, limits); !good) {
    return Error{Errc::invalid, 0, "the event's body is " + good.error().what};
  }
  if (body.front() != '{') return Error{Errc::invalid, 0, "the event's body is not a JSON object"};
  std::array<std::byte, kSaltBytes> salt{};
  if (Status drawn = random.fill(salt); !drawn) return drawn.error();
  return SealedBody{commitment_of(salt, body),
                    R"({"salt":")" + to_hex(salt) + R"(","body":)" + json_string(body) + "}\n"};
}

Result<std::string> open_body(std::string_view file_text, const std::string& commitment) {
  if (Status good = check_strict_json(file_text, JsonLimits{}); !good) return good.error();
  Result<Members> members = members_of(file_text);
  if (!members) return members.error();
  const Result<Bytes> salt = from_hex(members->salt);
  if (!salt || salt->size() != kSaltBytes) return malformed("the salt is not 32 hex digits");
  if (commitment_of(*salt, members->body) != commitment) {
    return malformed("its content is not what the entry commits to");
  }
  return std::move(members->body);
}

}  // namespace quietus::ledger
