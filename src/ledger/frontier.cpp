// SPDX-License-Identifier: GPL-3.0-or-later
// The right edge and its file's text.
#include "ledger/frontier.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <utility>

#include "quietus/merkle.h"
#include "quietus/text.h"

namespace quietus::ledger {
namespace {

constexpr std::string_view kTitle = "quietus-frontier 1";
constexpr std::size_t kChecksumLine = 65;

// The text up to the next LF, which is taken off; none if there is no LF.
std::optional<std::string_view> take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  if (end == rest.npos) return std::nullopt;
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

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
  auto edge = RightEdge::from(*size, std::move(hashes));
  if (!edge || !rest.empty()) return std::nullopt;
  return Frontier{std::move(*edge), *bytes};
}

}  // namespace

std::optional<RightEdge> RightEdge::from(std::uint64_t size, std::vector<Digest> hashes) {
  if (hashes.size() != static_cast<std::size_t>(std::popcount(size))) return std::nullopt;
  RightEdge edge;
  edge.size_ = size;
  edge.hashes_ = std::move(hashes);
  return edge;
}

void RightEdge::append(const Digest& leaf) {
  hashes_.push_back(leaf);
  // Each trailing one bit of the old size is a complete subtree that the new one fills up.
  for (int merges = std::countr_one(size_); merges > 0; --merges) {
    const Digest right = hashes_.back();
    hashes_.pop_back();
    hashes_.back() = node_hash(hashes_.back(), right);
  }
  ++size_;
}

Digest RightEdge::root() const {
  if (hashes_.empty()) return sha256({});
  Digest root = hashes_.back();
  for (std::size_t i = hashes_.size() - 1; i > 0; --i) root = node_hash(hashes_[i - 1], root);
  return root;
}

std::string to_text(const Frontier& frontier) {
  std::string text = std::string(kTitle) + "\n" + std::to_string(frontier.edge.size()) + "\n" +
                     std::to_string(frontier.signed_bytes) + "\n";
  for (const Digest& hash : frontier.edge.hashes()) text += to_hex(hash) + "\n";
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

std::optional<std::uint64_t> decimal_from(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  return number;
}

}  // namespace quietus::ledger
