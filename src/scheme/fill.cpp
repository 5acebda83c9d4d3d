// SPDX-License-Identifier: GPL-3.0-or-later
// prepare: a run's choices, drawn from the job's secret. fill: the bytes of a pass at any offset.
#include "quietus/fill.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

namespace quietus {
namespace {

// Repeated patterns are copied from a block of about this size, so that the source stays in the
// first-level cache.
constexpr std::size_t kBlockBytes = 8192;
constexpr std::byte kFirstBit{0x80};

void repeat(const Bytes& pattern, std::uint64_t offset, std::span<std::byte> out) {
  if (pattern.size() == 1) {
    std::fill(out.begin(), out.end(), pattern[0]);
    return;
  }
  const std::size_t period = pattern.size();
  const auto phase = static_cast<std::size_t>(offset % period);
  const std::size_t block = std::min(out.size(), std::max(kBlockBytes, period) / period * period);
  for (std::size_t at = 0; at < std::min(block, period); ++at) {
    out[at] = pattern[(phase + at) % period];
  }
  for (std::size_t done = period; done < block; done *= 2) {
    std::memcpy(out.data() + done, out.data(), std::min(done, block - done));
  }
  for (std::size_t done = block; done < out.size(); done += block) {
    std::memcpy(out.data() + done, out.data(), std::min(block, out.size() - done));
  }
}

void flip_first_bits(std::uint32_t every, std::uint64_t offset, std::span<std::byte> out) {
  const std::uint64_t into_block = offset % every;
  const std::uint64_t first = into_block == 0 ? 0 : every - into_block;
  for (std::uint64_t at = first; at < out.size(); at += every) {
    out[static_cast<std::size_t>(at)] ^= kFirstBit;
  }
}

/// The byte of a slot in a round: the first choice below 256 under a key of its own.
Result<std::byte> drawn_byte(const Secret& target, std::uint64_t round, std::uint32_t slot) {
  auto key = target.derive("quietus slot", round << 32 | slot);
  if (!key) return key.error();
  Draw draw(key->bytes());
  return static_cast<std::byte>(draw.below(256));
}

Result<FixedContent> fixed_content(const Pattern& pattern, const Secret& target,
                                   std::uint64_t round) {
  if (pattern.kind == Pattern::Kind::fixed) {
    return FixedContent{pattern.bytes, pattern.flip_first_bit_every_bytes};
  }
  const auto byte = drawn_byte(target, round, pattern.slot);
  if (!byte) return byte.error();
  return FixedContent{{pattern.kind == Pattern::Kind::complement ? ~*byte : *byte}, 0};
}

/// Where a pass stands in the run; both from 0.
struct Place {
  std::uint64_t pass;
  std::uint64_t round;
};

Result<PassContent> content_of(const Pass& pass, const Secret& target, Place place,
                               const KeystreamBackend& backend) {
  if (pass.pattern.kind == Pattern::Kind::random) {
    auto key = target.derive("quietus pass", place.pass);
    if (!key) return key.error();
    return PassContent{RandomContent{&backend, std::move(key).value()}, pass.verify};
  }
  auto fixed = fixed_content(pass.pattern, target, place.round);
  if (!fixed) return fixed.error();
  return PassContent{std::move(fixed).value(), pass.verify};
}

}  // namespace

Result<std::vector<PassContent>> prepare(const Scheme& scheme, std::uint32_t rounds,
                                         const Secret& job, std::uint64_t target,
                                         const KeystreamBackend& backend) {
  if (scheme.passes.empty() || rounds == 0) {
    return Error{Errc::invalid, 0, "scheme " + scheme.id + ": there is no pass to carry out"};
  }
  auto secret = job.derive("quietus target", target);
  if (!secret) return secret.error();
  auto draw_key = secret->derive("quietus draw", 0);
  if (!draw_key) return draw_key.error();
  Draw draw(draw_key->bytes());
  std::vector<PassContent> contents;
  for (const Pass& pass : arrange(scheme, rounds, draw)) {
    const Place place{contents.size(), contents.size() / scheme.passes.size()};
    auto content = content_of(pass, *secret, place, backend);
    if (!content) return content.error();
    contents.push_back(std::move(content).value());
  }
  return contents;
}

void fill(const PassContent& pass, std::uint64_t item, std::uint64_t offset,
          std::span<std::byte> out) {
  if (const auto* random = std::get_if<RandomContent>(&pass.content)) {
    random->backend->fill(random->key.bytes(), item, offset, out);
    return;
  }
  const auto& fixed = std::get<FixedContent>(pass.content);
  repeat(fixed.bytes, offset, out);
  if (fixed.flip_first_bit_every_bytes != 0) {
    flip_first_bits(fixed.flip_first_bit_every_bytes, offset, out);
  }
}

}  // namespace quietus
