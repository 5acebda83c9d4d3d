// SPDX-License-Identifier: GPL-3.0-or-later
// The table of keystream backends. On the data path: no allocation of buffers, no state kept.
#include "quietus/keystream.h"

#include <algorithm>
#include <array>
#include <sodium.h>
#include <string>

#include "crypto/libcrypto.h"
#include "crypto/sodium.h"

namespace quietus {
namespace {

using Key = std::span<const std::byte, Secret::kBytes>;

// What is encrypted to get the bare keystream. Small enough to stay in the first-level cache, so
// that clearing the output first (a second sweep over it) is not needed.
constexpr std::size_t kZerosBytes = 16384;
alignas(64) constexpr std::array<unsigned char, kZerosBytes> kZeros{};

void put_big_endian(std::uint64_t value, std::span<unsigned char, 8> out) {
  for (unsigned char& byte : out) {
    byte = static_cast<unsigned char>(value >> 56);
    value <<= 8;
  }
}

void put_little_endian(std::uint64_t value, std::span<unsigned char, 8> out) {
  for (unsigned char& byte : out) {
    byte = static_cast<unsigned char>(value & 255);
    value >>= 8;
  }
}

void fill_aes_256_ctr(Key key, std::uint64_t item, std::uint64_t offset, std::span<std::byte> out) {
  constexpr std::uint64_t kBlock = 16;
  std::array<unsigned char, kBlock> counter{};
  put_big_endian(item, std::span(counter).first<8>());
  put_big_endian(offset / kBlock, std::span(counter).last<8>());
  const CipherContext context(EVP_CIPHER_CTX_new());
  must(context != nullptr && EVP_EncryptInit_ex2(context.get(), libcrypto().aes_256_ctr,
                                                 raw(key.data()), counter.data(), nullptr) == 1);
  int written = 0;
  std::array<unsigned char, kBlock> skipped{};
  must(EVP_EncryptUpdate(context.get(), skipped.data(), &written, kZeros.data(),
                         static_cast<int>(offset % kBlock)) == 1);
  while (!out.empty()) {
    const std::size_t size = std::min(out.size(), kZerosBytes);
    must(EVP_EncryptUpdate(context.get(), raw(out.data()), &written, kZeros.data(),
                           static_cast<int>(size)) == 1);
    out = out.subspan(size);
  }
}

void fill_chacha20(Key key, std::uint64_t item, std::uint64_t offset, std::span<std::byte> out) {
  constexpr std::uint64_t kBlock = 64;
  ensure_sodium();
  std::array<unsigned char, crypto_stream_chacha20_NONCEBYTES> nonce{};
  put_little_endian(item, nonce);
  const std::uint64_t skip = offset % kBlock;
  if (skip != 0) {
    std::array<unsigned char, kBlock> block{};
    crypto_stream_chacha20_xor_ic(block.data(), block.data(), kBlock, nonce.data(), offset / kBlock,
                                  raw(key.data()));
    const std::size_t size = std::min<std::size_t>(out.size(), kBlock - skip);
    std::copy_n(block.begin() + static_cast<std::ptrdiff_t>(skip), size, raw(out.data()));
    out = out.subspan(size);
    offset += size;
  }
  while (!out.empty()) {
    const std::size_t size = std::min(out.size(), kZerosBytes);
    crypto_stream_chacha20_xor_ic(raw(out.data()), kZeros.data(), size, nonce.data(),
                                  offset / kBlock, raw(key.data()));
    out = out.subspan(size);
    offset += size;
  }
}

bool has_aes_instructions() {
  ensure_sodium();
  return sodium_runtime_has_aesni() == 1;
}

constexpr std::array<KeystreamBackend, 2> kBackends = {{
    {"aes_256_ctr", "AES-256 in counter mode", fill_aes_256_ctr, has_aes_instructions},
    {"chacha20", "ChaCha20", fill_chacha20, [] { return true; }},
}};

}  // namespace

std::span<const KeystreamBackend> keystream_backends() { return kBackends; }

Result<const KeystreamBackend*> find_keystream(std::string_view name) {
  for (const KeystreamBackend& backend : kBackends) {
    if (backend.name == name) return &backend;
  }
  return Error{Errc::not_found, 0, "there is no keystream \"" + std::string(name) + "\""};
}

const KeystreamBackend& default_keystream() {
  const auto* const fast = std::find_if(kBackends.begin(), kBackends.end(),
                                        [](const KeystreamBackend& b) { return b.fast_here(); });
  return fast != kBackends.end() ? *fast : kBackends.back();
}

}  // namespace quietus
