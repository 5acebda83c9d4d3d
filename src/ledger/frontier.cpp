// SPDX-License-Identifier: GPL-3.0-or-later
// The right edge and its file's text.
#include "ledger/frontier.h"

#include <algorithm>
#include <utility>

#include "quietus/merkle.h"
#include "quietus/text.h"

namespace quietus::ledger {
namespace {

constexpr std::string_view kTitle = "quietus-frontier 1";
constexpr std::size_t kChecksumLine = 65;

std::optional<Digest> digest_from(std::string_view hex) {
  const Result<Bytes> bytes = from_hex(hex);
  Digest digest{};
  if (!bytes || bytes->size() != digest.size()) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), digest.begin());
  return digest;
}

std::string checksum(std::string_view text) { return to_hex(sha256(bytes_of(text))) + "\n"; }

std::optional<std::uint64_t> take_number(std::string_view& rest) {
  const auto line = take_line(rest);
  return line ? decimal_from(*line) : std::nullopt;
}

std::optional<Frontier> parse(std::string_view rest) {
  if (take_line(rest) != kTitle) return std::nullopt;
  const auto size = take_number(rest);
  const auto bytes = take_number(rest);
  if (!size || !bytes) return std::nullopt;
  std::vector<Digest> hashes;
  while (const auto line = take_line(rest)) {
    const auto digest = digest_from(*line);
    if (!digest) return std::nullopt;
    hashes.push_back(*digest);
  }
  auto edge = MerkleFrontier::from(*size, std::move(hashes));
  if (!edge || !rest.empty()) return std::nullopt;
  return Frontier{std::move(*edge), *bytes};
}

}  // namespace

std::string to_text(const Frontier& frontier) {
  std::string text = std::string(kTitle) + "\n" + std::to_string(frontier.edge.size()) + "\n" +
                     std::to_string(frontier.signed_bytes) + "\n";
  for (const Digest& hash : frontier.edge.edge()) text += to_hex(hash) + "\n";
  return text + checksum(text);
}

Result<Frontier> frontier_from(std::string_view text) {
  const Error malformed{Errc::malformed, 0, "the file frontier is not what it should be"};
  if (text.size() < kChecksumLine) return malformed;
  const std::string_view content = text.substr(0, text.size() - kChecksumLine);
  if (checksum(content) != text.substr(content.size())) return malformed;
  auto frontier = parse(content);
  if (!frontier) return malformed;
  return std::move(*frontier);
}

}  // namespace quietus::ledger
