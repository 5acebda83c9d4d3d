// SPDX-License-Identifier: GPL-3.0-or-later
// Media that lie or fail, each around another one. State that several handles of one object share
// (a wrapper is made for each handle) is held by shared_ptr, so that the test can look at it too.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <vector>

#include "quietus/medium.h"
#include "quietus/text.h"

#include "support/forwarding_medium.h"

namespace quietus::test {

/// The n-th read, write or flush (from 1, over all handles that share the counter) fails with io,
/// os_code 5; `persistent`: and every one after it.
class FailsAt final : public ForwardingMedium {
 public:
  using Counter = std::shared_ptr<std::atomic<std::uint64_t>>;
  FailsAt(std::unique_ptr<Medium> inner, std::uint64_t nth, bool persistent = false,
          Counter counter = std::make_shared<std::atomic<std::uint64_t>>(0))
      : ForwardingMedium(std::move(inner)),
        nth_(nth),
        persistent_(persistent),
        counter_(std::move(counter)) {}
  [[nodiscard]] Result<std::size_t> read_at(std::span<std::byte> out, std::uint64_t offset,
                                            Transfer how) override;
  [[nodiscard]] Result<std::size_t> write_at(std::span<const std::byte> data, std::uint64_t offset,
                                             Transfer how) override;
  [[nodiscard]] Status flush() override;

 private:
  [[nodiscard]] bool fails_now();
  std::uint64_t nth_;
  bool persistent_;
  Counter counter_;
};

/// No transfer moves more than `most` bytes; direct ones a multiple of the alignment, at least one.
class ShortWrites final : public ForwardingMedium {
 public:
  ShortWrites(std::unique_ptr<Medium> inner, std::size_t most)
      : ForwardingMedium(std::move(inner)), most_(most) {}
  [[nodiscard]] Result<std::size_t> read_at(std::span<std::byte> out, std::uint64_t offset,
                                            Transfer how) override;
  [[nodiscard]] Result<std::size_t> write_at(std::span<const std::byte> data, std::uint64_t offset,
                                             Transfer how) override;

 private:
  [[nodiscard]] std::size_t limit(std::size_t asked, Transfer how);
  std::size_t most_;
};

/// Transfers that touch one of these ranges fail whole with io, os_code 5.
class BadExtents final : public ForwardingMedium {
 public:
  struct Which {
    bool reads = true;
    bool writes = true;
  };
  BadExtents(std::unique_ptr<Medium> inner, std::vector<Extent> bad, Which which)
      : ForwardingMedium(std::move(inner)), bad_(std::move(bad)), which_(which) {}
  [[nodiscard]] Result<std::size_t> read_at(std::span<std::byte> out, std::uint64_t offset,
                                            Transfer how) override;
  [[nodiscard]] Result<std::size_t> write_at(std::span<const std::byte> data, std::uint64_t offset,
                                             Transfer how) override;

 private:
  std::vector<Extent> bad_;
  Which which_;
};

/// Says that it wrote, but leaves these ranges as they were.
class DropsWrites final : public ForwardingMedium {
 public:
  DropsWrites(std::unique_ptr<Medium> inner, std::vector<Extent> dropped)
      : ForwardingMedium(std::move(inner)), dropped_(joined(std::move(dropped))) {}
  [[nodiscard]] Result<std::size_t> write_at(std::span<const std::byte> data, std::uint64_t offset,
                                             Transfer how) override;

 private:
  std::vector<Extent> dropped_;
};

/// A forged size: only the first `real` bytes exist, offsets beyond come back to the start. The
/// announced size is the inner medium's.
class WrapsAround final : public ForwardingMedium {
 public:
  WrapsAround(std::unique_ptr<Medium> inner, std::uint64_t real)
      : ForwardingMedium(std::move(inner)), real_(real) {}
  [[nodiscard]] Result<std::size_t> read_at(std::span<std::byte> out, std::uint64_t offset,
                                            Transfer how) override;
  [[nodiscard]] Result<std::size_t> write_at(std::span<const std::byte> data, std::uint64_t offset,
                                             Transfer how) override;

 private:
  std::uint64_t real_;
};

/// Writes that touch the range land `delta` bytes further on (negative: before).
class Misdirects final : public ForwardingMedium {
 public:
  Misdirects(std::unique_ptr<Medium> inner, Extent extent, std::int64_t delta)
      : ForwardingMedium(std::move(inner)), extent_(extent), delta_(delta) {}
  [[nodiscard]] Result<std::size_t> write_at(std::span<const std::byte> data, std::uint64_t offset,
                                             Transfer how) override;

 private:
  Extent extent_;
  std::int64_t delta_;
};

/// A cache above the medium: writes reach it at a flush only. Buffered reads see the cache, direct
/// reads the medium. A flush that fails throws the cache away, as Linux does, and the next one
/// succeeds.
class VolatileCache final : public ForwardingMedium {
 public:
  struct State {
    std::mutex mutex;
    Bytes cached;               // as long as the medium; holds the dirty ranges
    std::vector<Extent> dirty;  // joined
    bool next_flush_fails = false;
    bool flush_lies = false;  ///< says it is done and keeps the writes in the cache
    void lose_power() {
      const std::lock_guard guard(mutex);
      dirty.clear();
    }
  };
  explicit VolatileCache(std::unique_ptr<Medium> inner,
                         std::shared_ptr<State> state = std::make_shared<State>())
      : ForwardingMedium(std::move(inner)), state_(std::move(state)) {}
  [[nodiscard]] Result<std::size_t> read_at(std::span<std::byte> out, std::uint64_t offset,
                                            Transfer how) override;
  [[nodiscard]] Result<std::size_t> write_at(std::span<const std::byte> data, std::uint64_t offset,
                                             Transfer how) override;
  [[nodiscard]] Status flush() override;

 private:
  std::shared_ptr<State> state_;
};

/// Takes its time over each transfer and flush.
class Slow final : public ForwardingMedium {
 public:
  Slow(std::unique_ptr<Medium> inner, std::chrono::microseconds delay)
      : ForwardingMedium(std::move(inner)), delay_(delay) {}
  [[nodiscard]] Result<std::size_t> read_at(std::span<std::byte> out, std::uint64_t offset,
                                            Transfer how) override;
  [[nodiscard]] Result<std::size_t> write_at(std::span<const std::byte> data, std::uint64_t offset,
                                             Transfer how) override;
  [[nodiscard]] Status flush() override;

 private:
  std::chrono::microseconds delay_;
};

/// Writes down what was asked and what came of it.
class Recorder final : public ForwardingMedium {
 public:
  enum class Kind { read, write, flush, drop_cache, placements, resize };
  struct Operation {
    Kind kind = Kind::read;
    Extent extent = {};  ///< as asked; empty where there is none
    Transfer how = Transfer::buffered;
    Result<std::size_t> done = std::size_t{0};  ///< bytes moved
    Bytes bytes = {};                           ///< read or written, where kept
  };
  struct Tape {
    std::mutex mutex;
    bool keeps_bytes = false;
    std::vector<Operation> operations;
    [[nodiscard]] std::size_t count(Kind kind);
    /// The ranges of one kind, sorted and joined: the trace that several workers leave.
    [[nodiscard]] std::vector<Extent> touched(Kind kind);
  };
  Recorder(std::unique_ptr<Medium> inner, std::shared_ptr<Tape> tape)
      : ForwardingMedium(std::move(inner)), tape_(std::move(tape)) {}
  [[nodiscard]] Result<std::size_t> read_at(std::span<std::byte> out, std::uint64_t offset,
                                            Transfer how) override;
  [[nodiscard]] Result<std::size_t> write_at(std::span<const std::byte> data, std::uint64_t offset,
                                             Transfer how) override;
  [[nodiscard]] Status flush() override;
  [[nodiscard]] Status drop_cache() override;
  [[nodiscard]] Result<std::vector<Placement>> placements() override;
  [[nodiscard]] Status resize(std::uint64_t size_bytes) override;

 private:
  void note(Operation operation, std::span<const std::byte> bytes);
  std::shared_ptr<Tape> tape_;
};

}  // namespace quietus::test
