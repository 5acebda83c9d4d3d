// SPDX-License-Identifier: GPL-3.0-or-later
// The facts of block devices, on recorded machines: identity, place, uses, roles, order.
#include <algorithm>

#include "device_machine.h"
#include "linux/device_identity.h"
#include "linux/device_tree.h"
#include "linux/device_uses.h"

namespace quietus::test {
namespace {

using Names = std::vector<std::string>;

constexpr const char* kSata = "pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0";
constexpr const char* kUsb = "pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/host6/target6:0:0/6:0:0:0";

/// A disk with an EFI partition and the root file system.
void add_system_disk(RecordedMachine& machine) {
  machine.disk("sda", kSata,
               {{"device/vendor", "ATA     "},
                {"device/model", "WDC WD40EFRX-68W"},
                {"device/rev", "0A82"},
                {"device/wwid", "naa.50014ee20b1c2d3e"},
                {"device/vpd_pg80", std::string("\0\x80\0\x14     WD-WCC4E0000001", 24)},
                {"device/hwmon/hwmon2/temp1_input", "34000"},
                {"queue/rotational", "1"},
                {"queue/logical_block_size", "512"},
                {"queue/physical_block_size", "4096"},
                {"queue/zoned", "none"},
                {"diskseq", "3"}});
  machine.partition("sda", "sda1", 2048);
  machine.partition("sda", "sda2", 4096);
  machine.link("disk/by-id/wwn-0x50014ee20b1c2d3e", "../../sda");
  machine.link("disk/by-id/ata-WDC_WD40EFRX-68WT0N0_WD-WCC4E0000001", "../../sda");
  machine.link("disk/by-id/ata-WDC_WD40EFRX-68WT0N0_WD-WCC4E0000001-part2", "../../sda2");
  machine.link("disk/by-id/scsi-SATA_WDC", "../../sda");
  machine.mount("sda2", "/", "ext4 /dev/sda2");
  machine.mount("sda1", "/boot/efi", "vfat /dev/sda1");
}

TEST_CASE("devices: a SATA disk with two partitions and the root file system") {
  RecordedMachine machine;
  add_system_disk(machine);
  const DeviceFacts disk = machine.facts("sda");
  CHECK(disk.path == machine.node("sda"));
  CHECK(disk.stable_path == machine.node("disk/by-id/ata-WDC_WD40EFRX-68WT0N0_WD-WCC4E0000001"));
  CHECK(disk.kind == DeviceKind::disk);
  CHECK(disk.number == ::gnu_dev_makedev(RecordedMachine::kMajor, 0));
  CHECK(disk.sequence == 3);
  CHECK(disk.disk == "sda");
  CHECK(disk.place == Extent{0, 1U << 30});
  CHECK(disk.vendor == "ATA");
  CHECK(disk.model == "WDC WD40EFRX-68W");
  CHECK(disk.firmware == "0A82");
  CHECK(disk.serial == "WD-WCC4E0000001");
  CHECK(disk.serial_source == "vpd_page_80");
  CHECK(disk.wwn == "naa.50014ee20b1c2d3e");
  CHECK(disk.size_bytes == 1U << 30);
  CHECK(disk.logical_block_bytes == 512);
  CHECK(disk.physical_block_bytes == 4096);
  CHECK(disk.bus == "ata");
  CHECK(disk.storage == Storage::rotational);
  CHECK(disk.hidden_area == HiddenArea::unknown);
  CHECK(disk.zoned == "none");
  CHECK_FALSE(disk.read_only);
  CHECK_FALSE(disk.removable);
  CHECK(disk.temperature_millicelsius == 34000);
  CHECK(disk.partitions == Names{"sda1", "sda2"});
  CHECK(uses_of(disk) == Names{"mount sda1 /boot/efi", "mount sda2 /"});
  CHECK(disk.system_roles == Names{"holds /boot/efi", "holds the root file system"});
}

TEST_CASE("devices: a partition has its disk's identity, and its own place and uses") {
  RecordedMachine machine;
  add_system_disk(machine);
  const DeviceFacts part = machine.facts("sda2");
  CHECK(part.kind == DeviceKind::partition);
  CHECK(part.disk == "sda");
  CHECK(part.disk_number == ::gnu_dev_makedev(RecordedMachine::kMajor, 0));
  CHECK(part.number == ::gnu_dev_makedev(RecordedMachine::kMajor, 2));
  CHECK(part.place == Extent{std::uint64_t{4096} * 512, std::uint64_t{2048} * 512});
  CHECK(part.size_bytes == std::uint64_t{2048} * 512);
  CHECK(part.serial == "WD-WCC4E0000001");
  CHECK(part.sequence == 3);
  CHECK(part.physical_block_bytes == 4096);
  CHECK(part.storage == Storage::rotational);
  CHECK(part.hidden_area == HiddenArea::none);
  CHECK(part.stable_path ==
        machine.node("disk/by-id/ata-WDC_WD40EFRX-68WT0N0_WD-WCC4E0000001-part2"));
  CHECK(part.partitions.empty());
  CHECK(uses_of(part) == Names{"mount sda2 /"});
  CHECK(part.system_roles == Names{"holds the root file system"});
  CHECK(machine.facts("sda1").system_roles == Names{"holds /boot/efi"});
}

TEST_CASE("devices: what is done with a whole disk counts for its partitions") {
  RecordedMachine machine;
  machine.disk("sda", kSata);
  machine.partition("sda", "sda1", 2048);
  machine.partition("sda", "sda2", 8192);
  machine.built_on("sda", "dm-0");
  machine.mount("sda2", "/srv", "ext4 /dev/sda2");
  CHECK(uses_of(machine.facts("sda1")) == Names{"holder sda dm-0"});
}

TEST_CASE("devices: an NVMe drive, alone and as a subsystem with several paths") {
  RecordedMachine machine;
  machine.disk("nvme0n1", "pci0000:00/0000:01:00.0/nvme/nvme0",
               {{"device/model", "Samsung SSD 980 PRO 1TB                 "},
                {"device/serial", "S5GXNX0T000001      "},
                {"device/firmware_rev", "5B2QGXA7"},
                {"device/hwmon1/temp1_input", "-1500"},
                {"wwid", "eui.002538b411b00001"},
                {"queue/rotational", "0"}});
  machine.disk("nvme1n1", "virtual/nvme-subsystem/nvme-subsys1",
               {{"device/serial", "PATHS"}, {"device/nvme1/hwmon3/temp1_input", "41850"}});
  machine.link("disk/by-id/nvme-eui.002538b411b00001", "../../nvme0n1");
  machine.link("disk/by-id/nvme-S1", "../../nvme0n1");
  const DeviceFacts drive = machine.facts("nvme0n1");
  CHECK(drive.bus == "nvme");
  CHECK(drive.storage == Storage::flash);
  CHECK(drive.model == "Samsung SSD 980 PRO 1TB");
  CHECK(drive.serial == "S5GXNX0T000001");
  CHECK(drive.serial_source == "sysfs");
  CHECK(drive.wwn == "eui.002538b411b00001");
  CHECK(drive.firmware == "5B2QGXA7");
  CHECK(drive.temperature_millicelsius == -1500);
  CHECK(drive.stable_path == machine.node("disk/by-id/nvme-S1"));
  CHECK(machine.facts("nvme1n1").bus == "nvme");
  CHECK(machine.facts("nvme1n1").temperature_millicelsius == 41850);
}

TEST_CASE("devices: a USB stick, whose bridge claims to rotate") {
  RecordedMachine machine;
  machine.disk("sdb", kUsb,
               {{"device/vendor", "SanDisk"},
                {"device/model", "Ultra"},
                {"device/wwid", "t10.SanDisk Ultra 4C530001230101117275"},
                {"removable", "1"},
                {"queue/rotational", "1"}});
  const std::string port = "sys/devices/pci0000:00/0000:00:14.0/usb1/1-2/";
  machine.folder().put(port + "idVendor", "0781\n");
  machine.folder().put(port + "serial", "4C530001230101117275\n");
  const DeviceFacts stick = machine.facts("sdb");
  CHECK(stick.bus == "usb");
  CHECK(stick.removable);
  CHECK(stick.storage == Storage::unknown);
  CHECK(stick.hidden_area == HiddenArea::unknown);
  CHECK(stick.wwn.empty());
  CHECK(stick.serial == "4C530001230101117275");
  CHECK(stick.serial_source == "sysfs");
  CHECK_FALSE(stick.temperature_millicelsius.has_value());
  machine.attribute("sdb", "queue/rotational", "0\n");
  CHECK(machine.facts("sdb").storage == Storage::flash);
}

TEST_CASE("devices: udev's record of a serial, after what the device itself says") {
  RecordedMachine machine;
  machine.disk("sdb", kUsb, {{"device/serial", "0000000000"}});
  const std::string record = "run/udev/data/b" + machine.number("sdb");
  machine.folder().put(record, "S:disk/by-id/x\nE:ID_SERIAL=Long_AB12\nE:ID_SERIAL_SHORT=AB12\n");
  CHECK(machine.facts("sdb").serial == "AB12");
  CHECK(machine.facts("sdb").serial_source == "udev");
  machine.attribute("sdb", "device/serial", "OWN\n");
  CHECK(machine.facts("sdb").serial == "OWN");
  CHECK(machine.facts("sdb").serial_source == "sysfs");
}

TEST_CASE("devices: serials that tell nothing") {
  for (const char* const serial : {"", " ", "0", "00000000", "0x00000000", ". . .", "0 0"}) {
    CAPTURE(serial);
    CHECK(is_filler(serial));
  }
  CHECK_FALSE(is_filler("00000001"));
  CHECK_FALSE(is_filler("0x1f"));
  RecordedMachine machine;
  machine.disk("mmcblk0", "platform/mmc_host/mmc0/mmc0:0001",
               {{"device/serial", "0x00000000"}, {"device/name", "SD16G"}});
  CHECK(machine.facts("mmcblk0").serial.empty());
  CHECK(machine.facts("mmcblk0").serial_source.empty());
  CHECK(machine.facts("mmcblk0").bus == "mmc");
  CHECK(machine.facts("mmcblk0").model == "SD16G");
  machine.attribute("mmcblk0", "device/cid", "035344534331364780\n");
  CHECK(machine.facts("mmcblk0").serial == "035344534331364780");
}

TEST_CASE("devices: vital product data page 80h, whole and broken") {
  CHECK(serial_of_page_80(std::string("\0\x80\0\4AB12", 8)) == "AB12");
  CHECK(serial_of_page_80(std::string("\0\x80\0\2AB12", 8)) == "AB");
  CHECK(serial_of_page_80(std::string("\0\x80\0\x08 B1\0\0", 9)) == "B1");
  CHECK(serial_of_page_80(std::string("\0\x83\0\4AB12", 8)).empty());
  CHECK(serial_of_page_80(std::string("\0\x80\0\4", 4)).empty());
  CHECK(serial_of_page_80("").empty());
}

TEST_CASE("devices: a logical volume on LUKS on a partition shows on everything below it") {
  RecordedMachine machine;
  machine.disk("sda", kSata);
  machine.partition("sda", "sda1", 2048);
  machine.virtual_disk("dm-0", {{"dm/name", "crypt"}});
  machine.virtual_disk("dm-1", {{"dm/name", "vg-home"}});
  machine.built_on("sda1", "dm-0");
  machine.built_on("dm-0", "dm-1");
  machine.mount("dm-1", "/home", "xfs /dev/mapper/vg-home");
  const Names all = {"holder sda1 dm-0", "holder dm-0 dm-1", "mount dm-1 /home"};
  CHECK(uses_of(machine.facts("sda")) == all);
  CHECK(uses_of(machine.facts("sda1")) == all);
  CHECK(uses_of(machine.facts("dm-0")) == Names{"holder dm-0 dm-1", "mount dm-1 /home"});
  const DeviceFacts volume = machine.facts("dm-1");
  CHECK(uses_of(volume) == Names{"mount dm-1 /home"});
  CHECK(volume.kind == DeviceKind::device_mapper);
  CHECK(volume.bus == "device_mapper");
  CHECK(volume.storage == Storage::virtual_);
  CHECK(volume.hidden_area == HiddenArea::none);
  CHECK(volume.system_roles.empty());
}

TEST_CASE("devices: the root file system on a logical volume makes its disk a system disk") {
  RecordedMachine machine;
  machine.disk("sda", kSata);
  machine.partition("sda", "sda3", 2048);
  machine.virtual_disk("dm-0");
  machine.built_on("sda3", "dm-0");
  machine.mount("dm-0", "/", "ext4 /dev/mapper/vg-root");
  for (const char* const name : {"sda", "sda3", "dm-0"}) {
    CHECK(machine.facts(name).system_roles == Names{"holds the root file system"});
  }
}

TEST_CASE("devices: members of an array, and the partitions of the array") {
  RecordedMachine machine;
  machine.disk("sda", kSata);
  machine.disk("sdb", "pci0000:00/ata2/host1/target1:0:0/1:0:0:0");
  machine.virtual_disk("md127");
  machine.partition("md127", "md127p1", 2048);
  machine.built_on("sda", "md127");
  machine.built_on("sdb", "md127");
  machine.mount("md127p1", "/srv", "ext4 /dev/md127p1");
  CHECK(uses_of(machine.facts("sdb")) == Names{"holder sdb md127", "mount md127p1 /srv"});
  CHECK(machine.facts("md127").kind == DeviceKind::raid);
  CHECK(machine.facts("md127").storage == Storage::virtual_);
}

TEST_CASE("devices: holders that go round in a circle end") {
  RecordedMachine machine;
  machine.virtual_disk("dm-0");
  machine.virtual_disk("dm-1");
  machine.built_on("dm-0", "dm-1");
  machine.built_on("dm-1", "dm-0");
  machine.built_on("dm-1", "dm-9");
  CHECK(uses_of(machine.facts("dm-0")).size() == 3);
}

TEST_CASE("devices: swap areas by node and by link") {
  RecordedMachine machine;
  machine.disk("sda", kSata);
  machine.partition("sda", "sda1", 2048);
  machine.virtual_disk("dm-0");
  machine.link("mapper/vg-swap", "../dm-0");
  machine.proc("swaps",
               "Filename\tType\tSize\tUsed\tPriority\n/dev/sda1 partition 1 0 -2\n"
               "/dev/mapper/vg-swap partition 1 0 -3\n/swapfile file 1 0 -4\n");
  CHECK(uses_of(machine.facts("sda")) == Names{"swap sda1 /dev/sda1"});
  CHECK(uses_of(machine.facts("sda1")) == Names{"swap sda1 /dev/sda1"});
  CHECK(uses_of(machine.facts("dm-0")) == Names{"swap dm-0 /dev/mapper/vg-swap"});
}

TEST_CASE("devices: a file system with an anonymous number is found by its source") {
  RecordedMachine machine;
  machine.disk("sda", kSata);
  machine.disk("sdb", "pci0000:00/ata2/host1/target1:0:0/1:0:0:0");
  machine.disk("sdc", "pci0000:00/ata3/host2/target2:0:0/2:0:0:0");
  machine.link("mapper/pool", "/dev/sda");
  machine.mount("0:45", "/", "btrfs /dev/mapper/pool");
  CHECK(uses_of(machine.facts("sda")) == Names{"mount sda /"});
  CHECK(machine.facts("sda").system_roles == Names{"holds the root file system"});
  CHECK(uses_of(machine.facts("sdb")).empty());

  machine.folder().put("sys/fs/btrfs/some-uuid/devices/sda", "");
  machine.folder().put("sys/fs/btrfs/some-uuid/devices/sdb", "");
  machine.folder().put("sys/fs/btrfs/other-uuid/devices/sdc", "");
  CHECK(uses_of(machine.facts("sdb")) == Names{"mount sdb /"});
  CHECK(machine.facts("sdb").system_roles == Names{"holds the root file system"});
  CHECK(uses_of(machine.facts("sdc")).empty());
}

TEST_CASE("devices: bcachefs names all its devices at once") {
  RecordedMachine machine;
  machine.disk("sda", kSata);
  machine.disk("sdb", "pci0000:00/ata2/host1/target1:0:0/1:0:0:0");
  machine.mount("0:46", "/pool", "bcachefs /dev/sda:/dev/sdb");
  CHECK(uses_of(machine.facts("sda")) == Names{"mount sda /pool"});
  CHECK(uses_of(machine.facts("sdb")) == Names{"mount sdb /pool"});
}

TEST_CASE("devices: mounts that only the whole system sees count too") {
  RecordedMachine machine;
  machine.disk("sda", kSata);
  machine.mount("0:30", "/", "tmpfs tmpfs");
  machine.mount("sda", "/", "ext4 /dev/sda", "1");
  CHECK(uses_of(machine.facts("sda")) == Names{"mount sda /"});
  CHECK(machine.facts("sda").system_roles == Names{"holds the root file system"});
}

TEST_CASE("devices: the disk that the kernel was told to start from") {
  RecordedMachine machine;
  machine.disk("sda", kSata);
  machine.partition("sda", "sda1", 2048);
  machine.proc("cmdline", "BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro quiet\n");
  CHECK(machine.facts("sda").system_roles.size() == 1);
  CHECK(machine.facts("sda").uses.empty());
  machine.proc("cmdline", "root=PARTUUID=1-2 noroot=/dev/sda1\n");
  CHECK(machine.facts("sda").system_roles.empty());
}

TEST_CASE("devices: the file system that other parts of the system are mounted from") {
  RecordedMachine machine;
  machine.disk("sda", kSata);
  machine.mount("sda", "/usr", "ext4 /dev/sda");
  machine.mount("sda", "/boot", "ext4 /dev/sda");
  machine.mount("sda", "/efi", "ext4 /dev/sda");
  machine.mount("sda", "/var\\040x", "ext4 /dev/sda");
  CHECK(machine.facts("sda").system_roles == Names{"holds /usr", "holds /boot", "holds /efi"});
  CHECK(uses_of(machine.facts("sda")).back() == "mount sda /var x");
}

TEST_CASE("devices: zoned and read-only disks, and those without a medium") {
  RecordedMachine machine;
  machine.disk("sda", kSata, {{"queue/zoned", "host-managed"}});
  machine.disk("sdb", kUsb, {{"ro", "1"}, {"size", "0"}});
  machine.partition("sda", "sda1", 2048);
  CHECK(machine.facts("sda").zoned == "host-managed");
  CHECK(machine.facts("sda1").zoned == "host-managed");
  CHECK_FALSE(machine.facts("sda").read_only);
  CHECK(machine.facts("sdb").read_only);
  CHECK(machine.facts("sdb").size_bytes == 0);
  machine.attribute("sda", "ro", "1\n");
  CHECK(machine.facts("sda1").read_only);
}

TEST_CASE("devices: disks of hypervisors are virtual and have no hidden area") {
  RecordedMachine machine;
  machine.disk("vda", "pci0000:00/0000:00:02.0/virtio1",
               {{"serial", "disk-1"}, {"device/vendor", "0x1af4"}, {"queue/rotational", "1"}});
  machine.disk("sda", kSata, {{"device/vendor", "QEMU"}, {"device/model", "QEMU HARDDISK"}});
  machine.disk("sdb", kSata, {{"device/vendor", "VMware"}, {"device/model", "Virtual disk"}});
  machine.disk("nvme0n1", "pci0000:00/nvme/nvme0",
               {{"device/model", "Amazon Elastic Block Store"}});
  machine.disk("xvda", "vbd-51712");
  const DeviceFacts first = machine.facts("vda");
  CHECK(first.bus == "virtio");
  CHECK(first.serial == "disk-1");
  CHECK(first.serial_source == "sysfs");
  CHECK(first.vendor.empty());
  CHECK(first.kind == DeviceKind::disk);
  for (const DeviceFacts& device : machine.devices()) {
    CAPTURE(device.name);
    CHECK(device.storage == Storage::virtual_);
    CHECK(device.hidden_area == HiddenArea::none);
  }
}

TEST_CASE("devices: two disks that tell the same serial are both listed with it") {
  RecordedMachine machine;
  machine.disk("sda", kUsb, {{"device/serial", "SAME"}});
  machine.disk("sdb", kSata, {{"device/serial", "SAME"}});
  CHECK(machine.facts("sda").serial == machine.facts("sdb").serial);
  CHECK(machine.facts("sda").number != machine.facts("sdb").number);
}

TEST_CASE("devices: loop devices with their files, and devices that nobody set up") {
  RecordedMachine machine;
  machine.virtual_disk("loop0", {{"loop/backing_file", "/srv/a disk.img "}, {"loop/dio", "0"}});
  machine.virtual_disk("loop1", {{"loop/backing_file", "/srv/b.img (deleted)"}, {"loop/dio", "1"}});
  machine.virtual_disk("loop2", {{"size", "0"}});
  machine.virtual_disk("zram0", {{"size", "0"}, {"disksize", "0"}});
  machine.virtual_disk("zram1", {{"disksize", "1073741824"}});
  machine.virtual_disk("ram0");
  machine.virtual_disk("nbd0", {{"size", "0"}});
  Names listed;
  for (const DeviceFacts& device : machine.devices()) listed.push_back(device.name);
  CHECK(listed == Names{"loop0", "loop1", "zram1"});
  const DeviceFacts first = machine.facts("loop0");
  CHECK(first.kind == DeviceKind::loop);
  CHECK(first.bus == "loop");
  CHECK(first.storage == Storage::virtual_);
  CHECK(first.backing_file == "/srv/a disk.img ");
  CHECK(first.backing_is_buffered);
  CHECK(machine.facts("loop1").backing_file == "/srv/b.img (deleted)");
  CHECK_FALSE(machine.facts("loop1").backing_is_buffered);
  CHECK(machine.facts("zram1").kind == DeviceKind::zram);
}

TEST_CASE("devices: optical and floppy drives are no disks") {
  RecordedMachine machine;
  machine.disk("sr0", kSata, {{"queue/rotational", "1"}});
  machine.disk("fd0", "platform/floppy.0", {{"queue/rotational", "1"}});
  for (const DeviceFacts& device : machine.devices()) {
    CHECK(device.kind == DeviceKind::other);
    CHECK(device.storage == Storage::unknown);
  }
}

TEST_CASE("devices: natural order") {
  Names names = {"sdaa",      "nvme0n1p10", "sdb",   "nvme10n1", "sda10", "loop10", "sda2",
                 "nvme0n1p2", "sda",        "loop2", "nvme2n1",  "sdaa1", "dm-10",  "dm-9",
                 "nvme0n1",   "md127p1",    "xvdb",  "md127",    "sdz",   "sda02"};
  std::sort(names.begin(), names.end(), natural_less);
  CHECK(names == Names{"dm-9",     "dm-10",   "loop2",     "loop10",     "md127",
                       "md127p1",  "nvme0n1", "nvme0n1p2", "nvme0n1p10", "nvme2n1",
                       "nvme10n1", "sda",     "sda02",     "sda2",       "sda10",
                       "sdb",      "sdz",     "sdaa",      "sdaa1",      "xvdb"});
  CHECK_FALSE(natural_less("sda", "sda"));
}

TEST_CASE("devices: listed in natural order, partitions after their disk") {
  RecordedMachine machine;
  for (const char* const name : {"sdb", "sdaa", "sda"}) machine.disk(name, kSata);
  machine.partition("sda", "sda10", 8192);
  machine.partition("sda", "sda2", 2048);
  Names listed;
  for (const DeviceFacts& device : machine.devices()) listed.push_back(device.name);
  CHECK(listed == Names{"sda", "sda2", "sda10", "sdb", "sdaa"});
  CHECK(machine.facts("sda").partitions == Names{"sda2", "sda10"});
}

TEST_CASE("devices: exclusive locks that are held are read, others are not") {
  const auto locks = exclusive_locks(
      "1: FLOCK  ADVISORY  WRITE 20499 00:06:94 0 EOF\n"
      "1: -> FLOCK  ADVISORY  WRITE 20500 00:06:94 0 EOF\n"
      "2: FLOCK  ADVISORY  READ 20501 00:06:95 0 EOF\n"
      "3: POSIX  ADVISORY  WRITE 20502 fe:01:96 0 EOF\n"
      "4: FLOCK  ADVISORY  WRITE -1 103:1f:97 0 EOF\n"
      "5: FLOCK  ADVISORY  WRITE 7 00:zz:98 0 EOF\n\n");
  CHECK(locks == std::vector<FileLock>{{20499, ::gnu_dev_makedev(0, 6), 94},
                                       {0, ::gnu_dev_makedev(0x103, 0x1f), 97}});
}

TEST_CASE("devices: who holds the lock of a disk") {
  RecordedMachine machine;
  machine.disk("sda", kSata);
  machine.partition("sda", "sda1", 2048);
  machine.disk("sdb", kSata);
  machine.folder().put("dev/sda", "");
  machine.folder().put("dev/sdb", "");
  struct stat node {};
  REQUIRE(::stat(machine.node("sda").c_str(), &node) == 0);
  std::array<char, 64> place{};
  std::snprintf(place.data(), place.size(), "%02x:%02x:%llu", ::gnu_dev_major(node.st_dev),
                ::gnu_dev_minor(node.st_dev), static_cast<unsigned long long>(node.st_ino));
  const std::string rest = std::string(" ") + place.data() + " 0 EOF\n";
  machine.proc("locks", "1: FLOCK ADVISORY WRITE 7" + rest + "2: FLOCK ADVISORY WRITE " +
                            std::to_string(::getpid()) + rest);
  machine.proc("7/comm", "quietus\n");
  CHECK(uses_of(machine.facts("sda")) == Names{"lock sda quietus (pid 7)"});
  CHECK(uses_of(machine.facts("sda1")) == Names{"lock sda quietus (pid 7)"});
  CHECK(uses_of(machine.facts("sdb")).empty());
  machine.proc("locks", "1: FLOCK ADVISORY WRITE 8" + rest);
  CHECK(uses_of(machine.facts("sda")) == Names{"lock sda pid 8"});
}

TEST_CASE("devices: links that name a device best") {
  RecordedMachine machine;
  machine.disk("sda", kSata);
  machine.disk("sdb", kSata);
  machine.disk("sdc", kSata);
  machine.link("disk/by-id/wwn-0x5000000000000000000000000000000000000000001", "../../sda");
  machine.link("disk/by-id/scsi-1", "../../sda");
  machine.link("disk/by-id/scsi-1ATA_Model_Serial", "../../sda");
  machine.link("disk/by-id/ata-Model_Serial", "../../sda");
  machine.link("disk/by-id/wwn-0x5000000000000002", "../../sdb");
  CHECK(machine.facts("sda").stable_path == machine.node("disk/by-id/scsi-1ATA_Model_Serial"));
  CHECK(machine.facts("sdb").stable_path == machine.node("disk/by-id/wwn-0x5000000000000002"));
  CHECK(machine.facts("sdc").stable_path.empty());
}

TEST_CASE("devices: nodes in folders, and paths of a disk that have no node") {
  RecordedMachine machine;
  machine.disk("cciss!c0d0", "pci0000:00/cciss0");
  CHECK(machine.facts("cciss!c0d0").path == machine.node("cciss/c0d0"));
  machine.mount("0:45", "/pool", "btrfs /dev/cciss/c0d0");
  CHECK(uses_of(machine.facts("cciss!c0d0")) == Names{"mount cciss!c0d0 /pool"});
  machine.disk("nvme0c0n1", "pci0000:00/nvme/nvme0");
  std::filesystem::remove(machine.folder() /
                          "sys/devices/pci0000:00/nvme/nvme0/block/nvme0c0n1/dev");
  CHECK(machine.devices().size() == 1);
}

TEST_CASE("devices: a machine that tells nothing") {
  const RecordedMachine machine;
  LinuxPlatform platform(machine.folders().sys, machine.folders().proc, machine.folders().dev);
  CHECK(code_of(platform.devices()) == Errc::unsupported);
}

TEST_CASE("devices: one device by its node or a link, and what is none") {
  RecordedMachine machine;
  add_system_disk(machine);
  const SystemFolders folders = machine.folders();
  LinuxPlatform platform(folders.sys, folders.proc, folders.dev, folders.run);
  machine.folder().put("file", "");
  CHECK(code_of(platform.inspect_device(machine.node("nothing"))) == Errc::not_found);
  CHECK(code_of(platform.inspect_device(machine.folder() / "file")) == Errc::unsupported);
  CHECK(code_of(platform.inspect_device(machine.folder().path())) == Errc::unsupported);
  CHECK(code_of(platform.inspect_device("")) == Errc::invalid);
  const unsigned major = RecordedMachine::kMajor;
  if (::mknod(machine.node("sda").c_str(), S_IFBLK | 0600, ::gnu_dev_makedev(major, 0)) != 0) {
    MESSAGE("skipped: making a device node needs root");
    return;
  }
  REQUIRE(::mknod(machine.node("foreign").c_str(), S_IFBLK | 0600, ::gnu_dev_makedev(major, 99)) ==
          0);
  machine.link("by-name", "disk/by-id/scsi-SATA_WDC");
  const DeviceFacts facts = take(platform.inspect_device(machine.node("by-name")));
  CHECK(facts.path == machine.node("sda"));
  CHECK(facts.serial == "WD-WCC4E0000001");
  CHECK(uses_of(facts) == Names{"mount sda1 /boot/efi", "mount sda2 /"});
  CHECK(code_of(platform.inspect_device(machine.node("foreign"))) == Errc::not_found);
}

TEST_CASE("devices: a recorded machine's devices are neither read nor opened") {
  RecordedMachine machine;
  machine.disk("sda", kSata);
  const DeviceFacts facts = machine.facts("sda");
  CHECK_FALSE(facts.content.has_value());
  CHECK(facts.content_unknown == "only devices of the running machine are read");
  const unsigned major = RecordedMachine::kMajor;
  if (::mknod(machine.node("sda").c_str(), S_IFBLK | 0600, ::gnu_dev_makedev(major, 0)) != 0) {
    MESSAGE("skipped: making a device node needs root");
    return;
  }
  const SystemFolders folders = machine.folders();
  LinuxPlatform platform(folders.sys, folders.proc, folders.dev, folders.run);
  for (const Access access : {Access::read, Access::read_write}) {
    const auto opened = platform.open_device(machine.node("sda"), access);
    CHECK(code_of(opened) == Errc::unsupported);
    CHECK(opened.error().what.find("running machine") != std::string::npos);
  }
}

}  // namespace
}  // namespace quietus::test
