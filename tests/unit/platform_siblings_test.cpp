// SPDX-License-Identifier: GPL-3.0-or-later
// What shares a subsystem, a target or a card, on recorded machines.
#include "device_machine.h"
#include "linux/siblings.h"

namespace quietus::test {
namespace {

using Names = std::vector<std::string>;

constexpr const char* kFirst = "pci0000:00/0000:01:00.0/nvme/nvme0";
constexpr const char* kSecond = "pci0000:00/0000:02:00.0/nvme/nvme1";

/// "nvme0n2 namespace", one for each sibling.
Names siblings_of(const RecordedMachine& machine, const std::string& name) {
  Names found;
  for (const Sibling& sibling : machine.facts(name).siblings) {
    found.push_back(sibling.name + " " + sibling.what);
  }
  return found;
}

/// An NVMe disk whose folder lies in its controller's, or, with several ways, in its subsystem's.
void add_namespace(RecordedMachine& machine, const std::string& name, const std::string& folder,
                   const std::string& number) {
  machine.disk_at(name, folder + "/" + name,
                  {{"nsid", number}, {"device/model", "Drive"}, {"queue/rotational", "0"}});
}

void add_subsystem(const RecordedMachine& machine, const std::string& name,
                   const Names& controllers) {
  const std::string folder = "sys/class/nvme-subsystem/" + name + "/";
  for (const std::string& each : controllers)
    machine.folder().put(folder + each + "/state", "live");
}

TEST_CASE("siblings: the namespaces of one controller") {
  RecordedMachine machine;
  add_namespace(machine, "nvme0n1", kFirst, "1");
  add_namespace(machine, "nvme0n2", kFirst, "7");
  add_namespace(machine, "nvme1n1", kSecond, "1");
  machine.partition("nvme0n2", "nvme0n2p1", 2048);
  machine.mount("nvme0n2p1", "/", "ext4 /dev/nvme0n2p1");
  const auto check = [&] {
    CHECK(siblings_of(machine, "nvme0n1") == Names{"nvme0n2 namespace"});
    CHECK(siblings_of(machine, "nvme0n2") == Names{"nvme0n1 namespace"});
    CHECK(siblings_of(machine, "nvme1n1").empty());
    CHECK(siblings_of(machine, "nvme0n2p1").empty());
  };
  SUBCASE("of a kernel that knows no subsystems") { check(); }
  SUBCASE("of one that does") {
    add_subsystem(machine, "nvme-subsys0", {"nvme0"});
    add_subsystem(machine, "nvme-subsys1", {"nvme1"});
    check();
  }
  const DeviceFacts drive = machine.facts("nvme0n1");
  CHECK(drive.namespace_id == 1);
  CHECK(machine.facts("nvme0n2").namespace_id == 7);
  CHECK(machine.facts("nvme0n2p1").namespace_id == 7);
  REQUIRE(drive.siblings.size() == 1);
  const Sibling& sibling = drive.siblings.front();
  CHECK(sibling.size_bytes == 1U << 30);
  CHECK(sibling.namespace_id == 7);
  CHECK(sibling.system_roles == Names{"holds the root file system"});
  REQUIRE(sibling.uses.size() == 1);
  CHECK(sibling.uses.front() == DeviceUse{DeviceUse::Kind::mount, "nvme0n2p1", "/"});
}

TEST_CASE("siblings: where zones and actuators meet") {
  RecordedMachine machine;
  machine.disk_at("sda", "pci0000:00/host0/target0:0:0/0:0:0:0/block/sda",
                  {{"queue/independent_access_ranges/0/sector", "0"},
                   {"queue/independent_access_ranges/0/nr_sectors", "1048576"},
                   {"queue/independent_access_ranges/1/sector", "1048576"},
                   {"queue/independent_access_ranges/1/nr_sectors", "1048576"}});
  machine.disk_at("sdb", "pci0000:00/host0/target0:0:1/0:0:1:0/block/sdb",
                  {{"queue/zoned", "host-aware"}, {"queue/chunk_sectors", "524288"}});
  machine.disk_at("sdc", "pci0000:00/host0/target0:0:2/0:0:2:0/block/sdc",
                  {{"queue/zoned", "host-aware"}, {"queue/chunk_sectors", "512"}});
  constexpr std::uint64_t kMiB = 1U << 20U;
  using Borders = std::vector<std::uint64_t>;
  CHECK(machine.facts("sda").borders == Borders{512 * kMiB});
  CHECK(machine.facts("sdb").borders == Borders{256 * kMiB, 512 * kMiB, 768 * kMiB});
  CHECK(machine.facts("sdc").borders.size() <= kMostBorders);
  CHECK(machine.facts("sdc").borders.size() > kMostBorders / 2);
}

TEST_CASE("siblings: what of a sibling could not be read may hold anything") {
  RecordedMachine machine;
  add_namespace(machine, "nvme0n1", kFirst, "1");
  add_namespace(machine, "nvme0n2", kFirst, "2");
  const DeviceFacts drive = machine.facts("nvme0n1");
  REQUIRE(drive.siblings.size() == 1);
  REQUIRE(drive.siblings.front().content.size() == 1);
  CHECK(drive.siblings.front().content.front().type == "unreadable");
}

TEST_CASE("siblings: two controllers of one subsystem, each with disks of its own") {
  RecordedMachine machine;
  add_namespace(machine, "nvme0n1", kFirst, "1");
  add_namespace(machine, "nvme1n1", kSecond, "1");
  add_subsystem(machine, "nvme-subsys0", {"nvme0", "nvme1"});
  CHECK(siblings_of(machine, "nvme0n1") == Names{"nvme1n1 namespace", "nvme1 controller"});
  CHECK(siblings_of(machine, "nvme1n1") == Names{"nvme0n1 namespace", "nvme0 controller"});
}

TEST_CASE(
    "siblings: with native multipath the disks hang on the subsystem, their ways are hidden") {
  RecordedMachine machine;
  const std::string subsystem = "virtual/nvme-subsystem/nvme-subsys0";
  add_namespace(machine, "nvme0n1", subsystem, "1");
  add_namespace(machine, "nvme0n2", subsystem, "2");
  // A way has no number.
  machine.folder().put(std::string("sys/devices/") + kFirst + "/nvme0c0n1/size", "2097152");
  std::filesystem::create_directory_symlink(std::string("../devices/") + kFirst + "/nvme0c0n1",
                                            machine.folder() / "sys/block/nvme0c0n1");
  SUBCASE("one controller shares with nobody") {
    add_subsystem(machine, "nvme-subsys0", {"nvme0", "nvme0n1", "nvme0n2"});
    CHECK(siblings_of(machine, "nvme0n1") == Names{"nvme0n2 namespace"});
  }
  SUBCASE("of several, each is told") {
    add_subsystem(machine, "nvme-subsys0", {"nvme0", "nvme1", "nvme0n1", "nvme0n2"});
    CHECK(siblings_of(machine, "nvme0n1") ==
          Names{"nvme0n2 namespace", "nvme0 controller", "nvme1 controller"});
  }
}

constexpr const char* kPort = "pci0000:00/0000:03:00.0/host0/port-0:0/end_device-0:0/target0:0:0/";

void add_unit(RecordedMachine& machine, const std::string& name, const std::string& way,
              const RecordedMachine::Attributes& more = {}) {
  RecordedMachine::Attributes all = more;
  all.insert({{"device/vendor", "SEAGATE "},
              {"device/model", "ST14000NM0081"},
              {"queue/rotational", "1"}});
  machine.disk(name, way, all);
}

std::string serial_page(const std::string& serial) {
  return std::string("\0\x80\0", 3) + static_cast<char>(serial.size()) + serial;
}

TEST_CASE("siblings: the two actuators of a SAS drive are logical units of one target") {
  RecordedMachine machine;
  add_unit(machine, "sda", std::string(kPort) + "0:0:0:0");
  add_unit(machine, "sdb", std::string(kPort) + "0:0:0:1");
  add_unit(machine, "sdc", "pci0000:00/0000:03:00.0/host0/target0:0:1/0:0:1:0");
  CHECK(siblings_of(machine, "sda") == Names{"sdb logical_unit"});
  CHECK(siblings_of(machine, "sdb") == Names{"sda logical_unit"});
  CHECK(siblings_of(machine, "sdc").empty());
}

TEST_CASE("siblings: one drive by two ways, known by its serial") {
  RecordedMachine machine;
  const std::string host = "pci0000:00/0000:03:00.0/host0/";
  add_unit(machine, "sda", host + "target0:0:0/0:0:0:0",
           {{"device/vpd_pg80", serial_page("ZHZ00001")}});
  add_unit(machine, "sdb", host + "target0:0:5/0:0:5:0",
           {{"device/vpd_pg80", serial_page("ZHZ00001")}});
  add_unit(machine, "sdc", host + "target0:0:6/0:0:6:0",
           {{"device/vpd_pg80", serial_page("ZHZ00002")}});
  CHECK(siblings_of(machine, "sda") == Names{"sdb logical_unit"});
  CHECK(siblings_of(machine, "sdc").empty());
  machine.attribute("sdb", "device/model", "another");
  CHECK(siblings_of(machine, "sda").empty());
}

/// A page 83h with one designator: binary, of a type (3: NAA) and an association.
std::string identification_page(unsigned association, const std::string& name) {
  const std::string designator = std::string("\x61", 1) +
                                 static_cast<char>(0x80U | association << 4U | 3U) + '\0' +
                                 static_cast<char>(name.size()) + name;
  return std::string("\0\x83\0", 3) + static_cast<char>(designator.size()) + designator;
}

TEST_CASE("siblings: one drive by two ways, known by the name of its target device") {
  RecordedMachine machine;
  const std::string host = "pci0000:00/0000:03:00.0/host0/";
  const std::string name("\x50\x00\xc5\x00\x12\x34\x56\x78", 8);
  for (const auto& [disk, target] : {std::pair{"sda", "0"}, std::pair{"sdb", "5"}}) {
    add_unit(machine, disk, host + "target0:0:" + target + "/0:0:" + target + ":0",
             {{"device/vpd_pg83", identification_page(2, name)}});
  }
  CHECK(siblings_of(machine, "sda") == Names{"sdb logical_unit"});
  // The name of a port, or of a unit, is not the drive's.
  machine.attribute("sdb", "device/vpd_pg83", identification_page(1, name));
  CHECK(siblings_of(machine, "sda").empty());
}

TEST_CASE("siblings: names of the target device in a page 83h") {
  const std::string name("\x50\x00\xc5\x00\x12\x34\x56\x78", 8);
  const std::string page = identification_page(2, name);
  CHECK(target_device_names(page) == Names{"035000c50012345678"});
  CHECK(target_device_names(identification_page(0, name)).empty());
  CHECK(target_device_names(page.substr(0, page.size() - 1)).empty());
  CHECK(target_device_names(page.substr(0, 6)).empty());
  CHECK(target_device_names("").empty());
  CHECK(target_device_names(serial_page("x")).empty());
}

TEST_CASE("siblings: slots of a USB bridge, ATA ports and a hypervisor's disks share nothing") {
  RecordedMachine machine;
  const std::string usb = "pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/host6/target6:0:0/";
  const std::string serial = serial_page("0123456789");
  add_unit(machine, "sda", usb + "6:0:0:0", {{"device/vpd_pg80", serial}});
  add_unit(machine, "sdb", usb + "6:0:0:1", {{"device/vpd_pg80", serial}});
  const std::string ata = "pci0000:00/0000:00:17.0/";
  add_unit(machine, "sdc", ata + "ata1/host0/target0:0:0/0:0:0:0", {{"device/vpd_pg80", serial}});
  add_unit(machine, "sdd", ata + "ata2/host1/target1:0:0/1:0:0:0", {{"device/vpd_pg80", serial}});
  const std::string virtio = "pci0000:00/0000:00:04.0/virtio1/host2/target2:0:0/";
  add_unit(machine, "sde", virtio + "2:0:0:0", {{"device/vendor", "QEMU"}});
  add_unit(machine, "sdf", virtio + "2:0:0:1", {{"device/vendor", "QEMU"}});
  machine.virtual_disk("loop0", {{"loop/backing_file", "/x"}});
  machine.virtual_disk("loop1", {{"loop/backing_file", "/x"}});
  for (const DeviceFacts& facts : machine.devices()) {
    CAPTURE(facts.name);
    CHECK(facts.siblings.empty());
  }
}

TEST_CASE("siblings: what an eMMC keeps beside its user area") {
  RecordedMachine machine;
  const std::string card = "platform/soc/mmc_host/mmc0/mmc0:0001";
  machine.disk("mmcblk0", card, {{"device/name", "DG4016"}, {"queue/rotational", "0"}});
  for (const std::string name : {"mmcblk0boot0", "mmcblk0boot1", "mmcblk0gp1"}) {
    machine.disk_at(name, card + "/block/mmcblk0/" + name, {{"queue/rotational", "0"}});
  }
  machine.disk("mmcblk1", "platform/soc/mmc_host/mmc1/mmc1:0001", {{"queue/rotational", "0"}});
  machine.folder().put("sys/devices/" + card + "/mmcblk0rpmb/dev", "241:0");
  CHECK(siblings_of(machine, "mmcblk0") ==
        Names{"mmcblk0boot0 boot_partition", "mmcblk0boot1 boot_partition",
              "mmcblk0gp1 general_purpose_partition", "mmcblk0rpmb rpmb"});
  CHECK(siblings_of(machine, "mmcblk0boot0") ==
        Names{"mmcblk0 logical_unit", "mmcblk0boot1 boot_partition",
              "mmcblk0gp1 general_purpose_partition", "mmcblk0rpmb rpmb"});
  CHECK(siblings_of(machine, "mmcblk1").empty());
}

TEST_CASE("siblings: inspected, a device has the siblings that it has in the list") {
  RecordedMachine machine;
  add_namespace(machine, "nvme0n1", kFirst, "1");
  add_namespace(machine, "nvme0n2", kFirst, "2");
  const std::string node = machine.node("nvme0n1");
  const DeviceFacts listed = machine.facts("nvme0n1");
  if (::mknod(node.c_str(), S_IFBLK | 0600, listed.number) != 0) {
    MESSAGE("skipped: making a device node needs root");
    return;
  }
  LinuxPlatform platform(machine.folders().sys, machine.folders().proc, machine.folders().dev,
                         machine.folders().run);
  const DeviceFacts seen = take(platform.inspect_device(node));
  REQUIRE(seen.siblings.size() == 1);
  CHECK(seen.siblings.front().name == "nvme0n2");
  CHECK(seen.siblings.front().size_bytes == 1U << 30);
}

}  // namespace
}  // namespace quietus::test
