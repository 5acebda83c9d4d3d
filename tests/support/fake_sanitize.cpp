// SPDX-License-Identifier: GPL-3.0-or-later
// What a drive does to its medium, and how long it takes.
#include "support/fake_sanitize.h"

#include <algorithm>

namespace quietus::test {
namespace {

constexpr std::uint64_t kChunk = 64 * 1024;
constexpr std::uint64_t kWhole = 65536;

/// What a changed key makes of it: nothing that was there, and not twice the same.
Bytes noise(std::uint64_t seed, std::size_t count) {
  Bytes bytes(count);
  std::uint64_t state = seed * 0x9E3779B97F4A7C15ULL + 0x1234567;
  for (std::byte& one : bytes) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    one = static_cast<std::byte>(state >> 32U);
  }
  return bytes;
}

/// Puts back what stands in `kept`.
void keep(Medium& medium, Bytes& fresh, std::uint64_t at, const Extent& kept) {
  const std::uint64_t first = std::max(at, kept.offset);
  const std::uint64_t end = std::min(at + fresh.size(), kept.offset + kept.length);
  if (first >= end) return;
  const std::span<std::byte> part(fresh.data() + (first - at), end - first);
  static_cast<void>(medium.read_at(part, first, Transfer::buffered));
}

}  // namespace

void erase_medium(Medium& medium, Method method, const std::vector<Extent>& kept) {
  const std::uint64_t size = medium.geometry()->size_bytes;
  for (std::uint64_t at = 0; at < size; at += kChunk) {
    const auto count = static_cast<std::size_t>(std::min(kChunk, size - at));
    Bytes fresh = method == Method::sanitize_crypto ? noise(at + 1, count) : Bytes(count);
    for (const Extent& one : kept) keep(medium, fresh, at, one);
    static_cast<void>(medium.write_at(fresh, at, Transfer::buffered));
  }
}

void FakeSanitize::start(std::uint64_t now_us, Method what, bool may_leave) {
  ++starts;
  if (swallows) return;
  method = what;
  unrestricted = may_leave;
  began_us = now_us;
  resets = 0;
  state = lies ? State::succeeded : State::running;
}

void FakeSanitize::pass(std::uint64_t now_us, Medium& medium) {
  if (state != State::running) return;
  const std::uint64_t passed = now_us - began_us;
  if (reset != Reset::none && resets == 0 && passed >= duration_us / 2) {
    ++resets;
    was_reset = true;
    if (reset == Reset::forgets) {
      state = State::idle;
      return;
    }
  }
  if (stuck_at || passed < duration_us) return;
  if (failures_left > 0) {
    --failures_left;
    state = State::failed;
    return;
  }
  erase_medium(medium, method, residue);
  state = State::succeeded;
}

std::uint16_t FakeSanitize::progress(std::uint64_t now_us) const {
  if (stuck_at) return *stuck_at;
  const std::uint64_t part = (now_us - began_us) * kWhole / std::max<std::uint64_t>(1, duration_us);
  return static_cast<std::uint16_t>(std::min<std::uint64_t>(part, kWhole - 2));
}

bool FakeSanitize::leave_failure() {
  if (state == State::failed && !unrestricted) return false;
  if (state == State::failed) state = State::idle;
  return true;
}

Bytes FakeSense::bytes(bool descriptors) const {
  if (descriptors) {
    Bytes raw{std::byte{0x72}, std::byte{key}, std::byte{asc}, std::byte{ascq}};
    raw.resize(8);
    if (progress) {
      raw.resize(16);
      raw[8] = std::byte{0x02};
      raw[9] = std::byte{0x06};
      raw[12] = std::byte{0x80};
      put_field(raw, 13, 2, *progress);
    }
    raw.insert(raw.end(), descriptor.begin(), descriptor.end());
    raw[7] = static_cast<std::byte>(raw.size() - 8);
    return raw;
  }
  Bytes raw(18);
  raw[0] = std::byte{0x70};
  raw[2] = std::byte{key};
  raw[7] = std::byte{10};
  raw[12] = std::byte{asc};
  raw[13] = std::byte{ascq};
  std::copy(information.begin(), information.end(), raw.begin() + 3);
  std::copy(command_specific.begin(), command_specific.end(), raw.begin() + 8);
  if (progress) {
    raw[15] = std::byte{0x80};
    put_field(raw, 16, 2, *progress);
  }
  return raw;
}

ScsiReply good_reply(Bytes data) {
  ScsiReply reply;
  reply.data = std::move(data);
  return reply;
}

ScsiReply checked_reply(const FakeSense& sense, bool descriptors) {
  ScsiReply reply;
  reply.status = 0x02;
  reply.sense = sense.bytes(descriptors);
  return reply;
}

std::uint64_t field_of(const Bytes& bytes, std::size_t at, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i)
    value = value << 8U | static_cast<std::uint64_t>(bytes.at(at + i));
  return value;
}

void put_field(Bytes& bytes, std::size_t at, std::size_t count, std::uint64_t value) {
  for (std::size_t i = 0; i < count; ++i)
    bytes.at(at + i) = static_cast<std::byte>(value >> 8U * (count - 1 - i));
}

void put_text(Bytes& bytes, std::size_t at, std::size_t count, const std::string& text) {
  for (std::size_t i = 0; i < count; ++i)
    bytes.at(at + i) = static_cast<std::byte>(i < text.size() ? text[i] : ' ');
}

}  // namespace quietus::test
