// SPDX-License-Identifier: GPL-3.0-or-later
// One suite for every platform's block devices. A rig is default-constructible and offers
//   bool available();            if false it has said why, and nothing else is called
//   Platform& platform();  std::string node();       a device of kDeviceBytes, all zero, in no use
//   std::string file();          something beside it that is no device
#pragma once

#include "contract/medium_contract.h"

namespace quietus::test::contract {

constexpr std::uint64_t kDeviceBytes = 1U << 20U;

template <class Rig>
std::unique_ptr<Medium> open_node(Rig& rig, Access access = Access::read_write) {
  auto opened = rig.platform().open_device(rig.node(), access);
  REQUIRE_MESSAGE(opened.ok(), (opened.ok() ? "" : opened.error().what));
  return *std::move(opened);
}

TEST_CASE_TEMPLATE_DEFINE("device contract: transfers", Rig, device_transfers) {
  Rig rig;
  if (!rig.available()) return;
  const auto device = open_node(rig);
  const auto shape = device->geometry();
  REQUIRE(shape.ok());
  CHECK(shape->size_bytes == kDeviceBytes);
  REQUIRE(shape->logical_block_bytes > 0);
  CHECK(shape->size_bytes % shape->logical_block_bytes == 0);
  const std::size_t unit = shape->direct_alignment_bytes;
  REQUIRE(unit >= shape->logical_block_bytes);
  REQUIRE(unit <= 4096);
  AlignedBytes block(4096, 'x');

  SUBCASE("buffered writes reach any offset and change their range only") {
    CHECK(*device->write_at(bytes_of("abc"), 5, Transfer::buffered) == 3);
    CHECK(device->flush().ok());
    CHECK(read_text(*device, 4, 5) == std::string("\0abc\0", 5));
  }
  SUBCASE("direct transfers, and what of them is refused") {
    const auto one = block.span().first(unit);
    CHECK(*device->write_at(one, unit, Transfer::direct) == unit);
    CHECK(device->flush().ok());
    CHECK(device->drop_cache().ok());
    CHECK(read_text(*device, unit - 1, 2) == std::string("\0x", 2));
    CHECK(*device->read_at(one, 0, Transfer::direct) == unit);
    CHECK(one[0] == std::byte{0});
    CHECK(code_of(device->read_at(one, 1, Transfer::direct)) == Errc::invalid);
    CHECK(code_of(device->write_at(block.span().subspan(1, unit), 0, Transfer::direct)) ==
          Errc::invalid);
    CHECK(code_of(device->write_at(one.first(unit - 1), 0, Transfer::direct)) == Errc::invalid);
  }
  SUBCASE("a read at the end moves nothing") {
    Bytes buffer(4096);
    CHECK(*device->read_at(buffer, kDeviceBytes, Transfer::buffered) == 0);
    CHECK(*device->read_at(buffer, kDeviceBytes - 4, Transfer::buffered) == 4);
    CHECK(*device->read_at(block.span(), kDeviceBytes, Transfer::direct) == 0);
  }
  SUBCASE("the first and the last block can be written") {
    CHECK(*device->write_at(block.span().first(unit), 0, Transfer::direct) == unit);
    CHECK(*device->write_at(block.span().first(unit), kDeviceBytes - unit, Transfer::direct) ==
          unit);
    CHECK(device->flush().ok());
    CHECK(device->geometry()->size_bytes == kDeviceBytes);
  }
  SUBCASE("extents are not told") { CHECK(code_of(device->placements()) == Errc::unsupported); }
}

TEST_CASE_TEMPLATE_DEFINE("device contract: facts and claims", Rig, device_claims) {
  Rig rig;
  if (!rig.available()) return;

  SUBCASE("what is listed, inspected and open is the same device") {
    const auto seen = rig.platform().inspect_device(rig.node());
    REQUIRE(seen.ok());
    CHECK(seen->path == rig.node());
    CHECK(seen->size_bytes == kDeviceBytes);
    CHECK(seen->disk_number == seen->number);
    CHECK(seen->place == Extent{0, kDeviceBytes});
    const auto all = rig.platform().devices();
    REQUIRE(all.ok());
    std::size_t listed = 0;
    for (const DeviceFacts& facts : *all) listed += facts.number == seen->number ? 1U : 0U;
    CHECK(listed == 1);
    const auto device = open_node(rig);
    const auto now = device->device();
    REQUIRE(now.ok());
    CHECK(now->number == seen->number);
    CHECK(now->sequence == seen->sequence);
    CHECK(now->size_bytes == seen->size_bytes);
    CHECK(device->attributes()->kind == NodeKind::block_device);
  }
  SUBCASE("nothing is found on an empty device") {
    const auto found = open_node(rig)->signatures();
    REQUIRE(found.ok());
    CHECK(found->empty());
  }
  SUBCASE("one claim at a time; reading needs none") {
    auto first = open_node(rig);
    CHECK(code_of(rig.platform().open_device(rig.node(), Access::read_write)) == Errc::busy);
    CHECK(rig.platform().open_device(rig.node(), Access::read).ok());
    first.reset();
    CHECK(rig.platform().open_device(rig.node(), Access::read_write).ok());
  }
  SUBCASE("a device opened for reading takes no writes") {
    const auto device = open_node(rig, Access::read);
    CHECK_FALSE(device->write_at(bytes_of("x"), 0, Transfer::buffered).ok());
    CHECK(read_text(*device, 0, 1) == std::string(1, '\0'));
  }
  SUBCASE("what has no firmware takes no commands") {
    const auto device = open_node(rig);
    const DeviceCommand inquiry{ScsiCommand{Bytes(6), {}}, 1'000};
    CHECK(code_of(device->execute(inquiry)) == Errc::unsupported);
    CHECK(code_of(device->rescan()) == Errc::unsupported);
  }
  SUBCASE("nothing encrypted is found on an empty device") {
    const auto device = open_node(rig);
    for (const Errc answer :
         {code_of(device->encrypted_volume()), code_of(device->destroy_key_slots())}) {
      CHECK((answer == Errc::not_found || answer == Errc::unsupported));
    }
  }
  SUBCASE("what is no device, and what is not there") {
    CHECK(code_of(rig.platform().inspect_device(rig.file())) == Errc::unsupported);
    CHECK(code_of(rig.platform().open_device(rig.file(), Access::read_write)) == Errc::unsupported);
    CHECK(code_of(rig.platform().inspect_device(rig.file() + "-missing")) == Errc::not_found);
    CHECK(code_of(rig.platform().open_device(rig.file() + "-missing", Access::read)) ==
          Errc::not_found);
  }
}

}  // namespace quietus::test::contract
