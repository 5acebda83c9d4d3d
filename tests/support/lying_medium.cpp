// SPDX-License-Identifier: GPL-3.0-or-later
// How the lying media lie. Inner transfers that a lie splits up are buffered, so that alignment is
// judged on what the caller asked and not on the pieces.
#include "support/lying_medium.h"

#include <algorithm>
#include <thread>

namespace quietus::test {
namespace {

Error broken(const std::string& what) { return {Errc::io, 5, what + ": injected failure", {}}; }

bool touches(const std::vector<Extent>& extents, Extent range) {
  return std::any_of(extents.begin(), extents.end(),
                     [range](Extent one) { return !intersection(one, range).empty(); });
}

/// An aligned probe, so that a split transfer is refused where the whole would be.
Status refused_as_a_whole(Medium& medium, std::span<const std::byte> data, std::uint64_t offset,
                          Transfer how) {
  if (how == Transfer::buffered) return {};
  const auto shape = medium.geometry();
  if (!shape) return shape.error();
  const std::uint64_t unit = shape->direct_alignment_bytes;
  if (unit == 0) return Error{Errc::unsupported, 0, "no direct transfers", {}};
  if (offset % unit != 0 || data.size() % unit != 0)
    return Error{Errc::invalid, 0, "misaligned direct transfer", {}};
  return {};
}

}  // namespace

bool FailsAt::fails_now() {
  const std::uint64_t number = ++*counter_;
  return number == nth_ || (persistent_ && number > nth_);
}

Result<std::size_t> FailsAt::read_at(std::span<std::byte> out, std::uint64_t offset, Transfer how) {
  if (fails_now()) return broken("read");
  return inner().read_at(out, offset, how);
}

Result<std::size_t> FailsAt::write_at(std::span<const std::byte> data, std::uint64_t offset,
                                      Transfer how) {
  if (fails_now()) return broken("write");
  return inner().write_at(data, offset, how);
}

Status FailsAt::flush() {
  if (fails_now()) return broken("flush");
  return inner().flush();
}

std::size_t ShortWrites::limit(std::size_t asked, Transfer how) {
  if (how == Transfer::buffered || asked <= most_) return std::min(asked, most_);
  const auto shape = inner().geometry();
  const std::size_t unit = shape ? std::max<std::size_t>(shape->direct_alignment_bytes, 1) : 1;
  return std::min(asked, std::max(most_ / unit, std::size_t{1}) * unit);
}

Result<std::size_t> ShortWrites::read_at(std::span<std::byte> out, std::uint64_t offset,
                                         Transfer how) {
  return inner().read_at(out.first(limit(out.size(), how)), offset, how);
}

Result<std::size_t> ShortWrites::write_at(std::span<const std::byte> data, std::uint64_t offset,
                                          Transfer how) {
  return inner().write_at(data.first(limit(data.size(), how)), offset, how);
}

Result<std::size_t> BadExtents::read_at(std::span<std::byte> out, std::uint64_t offset,
                                        Transfer how) {
  if (which_.reads && touches(bad_, {offset, out.size()})) return broken("read");
  return inner().read_at(out, offset, how);
}

Result<std::size_t> BadExtents::write_at(std::span<const std::byte> data, std::uint64_t offset,
                                         Transfer how) {
  if (which_.writes && touches(bad_, {offset, data.size()})) return broken("write");
  return inner().write_at(data, offset, how);
}

Result<std::size_t> DropsWrites::write_at(std::span<const std::byte> data, std::uint64_t offset,
                                          Transfer how) {
  const Extent range{offset, data.size()};
  if (!touches(dropped_, range)) return inner().write_at(data, offset, how);
  if (auto fine = refused_as_a_whole(inner(), data, offset, how); !fine) return fine.error();
  Bytes merged(data.begin(), data.end());
  for (const Extent& dropped : dropped_) {
    const Extent lost = intersection(dropped, range);
    const auto part =
        std::span(merged).subspan(lost.empty() ? 0 : lost.offset - offset, lost.length);
    if (part.empty()) continue;
    auto kept = inner().read_at(part, lost.offset, Transfer::buffered);
    if (!kept) return kept;
  }
  return inner().write_at(merged, offset, Transfer::buffered);
}

Result<std::size_t> WrapsAround::read_at(std::span<std::byte> out, std::uint64_t offset,
                                         Transfer how) {
  if (auto fine = refused_as_a_whole(inner(), out, offset, how); !fine) return fine.error();
  const auto shape = inner().geometry();
  if (!shape) return shape.error();
  const std::uint64_t whole =
      std::min<std::uint64_t>(out.size(), shape->size_bytes - std::min(shape->size_bytes, offset));
  for (std::uint64_t done = 0; done < whole;) {
    const std::uint64_t at = (offset + done) % real_;
    const std::uint64_t count = std::min(whole - done, real_ - at);
    const auto moved = inner().read_at(out.subspan(done, count), at, Transfer::buffered);
    if (!moved || *moved == 0) return moved;
    done += *moved;
  }
  return static_cast<std::size_t>(whole);
}

Result<std::size_t> WrapsAround::write_at(std::span<const std::byte> data, std::uint64_t offset,
                                          Transfer how) {
  if (auto fine = refused_as_a_whole(inner(), data, offset, how); !fine) return fine.error();
  for (std::uint64_t done = 0; done < data.size();) {
    const std::uint64_t at = (offset + done) % real_;
    const std::uint64_t count = std::min<std::uint64_t>(data.size() - done, real_ - at);
    const auto moved = inner().write_at(data.subspan(done, count), at, Transfer::buffered);
    if (!moved || *moved == 0) return moved;
    done += *moved;
  }
  return data.size();
}

Result<std::size_t> Misdirects::write_at(std::span<const std::byte> data, std::uint64_t offset,
                                         Transfer how) {
  if (intersection(extent_, {offset, data.size()}).empty())
    return inner().write_at(data, offset, how);
  if (auto fine = refused_as_a_whole(inner(), data, offset, how); !fine) return fine.error();
  return inner().write_at(data, offset + static_cast<std::uint64_t>(delta_), Transfer::buffered);
}

Result<std::size_t> VolatileCache::read_at(std::span<std::byte> out, std::uint64_t offset,
                                           Transfer how) {
  const auto moved = inner().read_at(out, offset, how);
  if (!moved || how == Transfer::direct) return moved;
  const std::lock_guard guard(state_->mutex);
  for (const Extent& dirty : state_->dirty) {
    const Extent both = intersection(dirty, {offset, *moved});
    if (both.empty()) continue;
    const auto from = std::span(state_->cached).subspan(both.offset, both.length);
    std::copy(from.begin(), from.end(), out.subspan(both.offset - offset).begin());
  }
  return moved;
}

Result<std::size_t> VolatileCache::write_at(std::span<const std::byte> data, std::uint64_t offset,
                                            Transfer how) {
  if (auto fine = refused_as_a_whole(inner(), data, offset, how); !fine) return fine.error();
  const auto shape = inner().geometry();
  if (!shape) return shape.error();
  if (offset + data.size() > shape->size_bytes) return inner().write_at(data, offset, how);
  const std::lock_guard guard(state_->mutex);
  if (state_->cached.size() < shape->size_bytes) state_->cached.resize(shape->size_bytes);
  std::copy(data.begin(), data.end(), std::span(state_->cached).subspan(offset).begin());
  state_->dirty.push_back({offset, data.size()});
  state_->dirty = joined(std::move(state_->dirty));
  return data.size();
}

Status VolatileCache::flush() {
  const std::lock_guard guard(state_->mutex);
  if (state_->next_flush_fails) {
    state_->next_flush_fails = false;
    state_->dirty.clear();
    return broken("flush");
  }
  if (state_->flush_lies) return {};
  for (const Extent& dirty : state_->dirty) {
    const auto run = std::span(state_->cached).subspan(dirty.offset, dirty.length);
    const auto moved = inner().write_at(run, dirty.offset, Transfer::buffered);
    if (!moved) return moved.error();
    if (*moved < run.size()) return broken("flush");
  }
  state_->dirty.clear();
  return inner().flush();
}

Result<std::size_t> Slow::read_at(std::span<std::byte> out, std::uint64_t offset, Transfer how) {
  std::this_thread::sleep_for(delay_);
  return inner().read_at(out, offset, how);
}

Result<std::size_t> Slow::write_at(std::span<const std::byte> data, std::uint64_t offset,
                                   Transfer how) {
  std::this_thread::sleep_for(delay_);
  return inner().write_at(data, offset, how);
}

Status Slow::flush() {
  std::this_thread::sleep_for(delay_);
  return inner().flush();
}

std::size_t Recorder::Tape::count(Kind kind) {
  const std::lock_guard guard(mutex);
  return static_cast<std::size_t>(
      std::count_if(operations.begin(), operations.end(),
                    [kind](const Operation& operation) { return operation.kind == kind; }));
}

std::vector<Extent> Recorder::Tape::touched(Kind kind) {
  const std::lock_guard guard(mutex);
  std::vector<Extent> all;
  for (const Operation& operation : operations)
    if (operation.kind == kind && operation.done)
      all.push_back({operation.extent.offset, *operation.done});
  return joined(std::move(all));
}

void Recorder::note(Operation operation, std::span<const std::byte> bytes) {
  const std::lock_guard guard(tape_->mutex);
  if (tape_->keeps_bytes && operation.done)
    operation.bytes.assign(bytes.begin(),
                           bytes.begin() + static_cast<std::ptrdiff_t>(*operation.done));
  tape_->operations.push_back(std::move(operation));
}

Result<std::size_t> Recorder::read_at(std::span<std::byte> out, std::uint64_t offset,
                                      Transfer how) {
  auto moved = inner().read_at(out, offset, how);
  note({Kind::read, {offset, out.size()}, how, moved}, out);
  return moved;
}

Result<std::size_t> Recorder::write_at(std::span<const std::byte> data, std::uint64_t offset,
                                       Transfer how) {
  auto moved = inner().write_at(data, offset, how);
  note({Kind::write, {offset, data.size()}, how, moved}, data);
  return moved;
}

namespace {
Result<std::size_t> count_of(const Status& status) {
  if (!status) return status.error();
  return std::size_t{0};
}
}  // namespace

Status Recorder::flush() {
  const Status done = inner().flush();
  note({Kind::flush, {}, Transfer::buffered, count_of(done)}, {});
  return done;
}

Status Recorder::drop_cache() {
  const Status done = inner().drop_cache();
  note({Kind::drop_cache, {}, Transfer::buffered, count_of(done)}, {});
  return done;
}

Result<std::vector<Placement>> Recorder::placements() {
  auto done = inner().placements();
  note({Kind::placements, {}, Transfer::buffered, count_of(done ? Status() : Status(done.error()))},
       {});
  return done;
}

Status Recorder::resize(std::uint64_t size_bytes) {
  const Status done = inner().resize(size_bytes);
  note({Kind::resize, {0, size_bytes}, Transfer::buffered, count_of(done)}, {});
  return done;
}

}  // namespace quietus::test
