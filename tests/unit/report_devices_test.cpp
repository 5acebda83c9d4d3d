// SPDX-License-Identifier: GPL-3.0-or-later
// The list of devices: a table that fits the terminal and hides nothing, JSON that leaves nothing
// out, and what a scheme would take.
#include <algorithm>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <sstream>

#include "quietus/device_report.h"
#include "quietus/text.h"

#include "report/columns.h"
#include "report/device_text.h"

namespace quietus {
namespace {

const SchemeSweeps kThreePasses{"moj-3r", 3, 1};
constexpr std::uint64_t kTerabyte = 1'000'000'000'000;

DeviceFacts hard_disk() {
  DeviceFacts disk;
  disk.path = "/dev/sda";
  disk.stable_path = "/dev/disk/by-id/ata-WDC_WD10EZEX-08WN4A0_WD-WCC6Y7KXXXXX";
  disk.name = disk.disk = "sda";
  disk.kind = DeviceKind::disk;
  disk.number = disk.disk_number = 2048;
  disk.sequence = 9;
  disk.vendor = "ATA";
  disk.model = "WDC WD10EZEX-08WN4A0";
  disk.serial = "WD-WCC6Y7KXXXXX";
  disk.serial_source = "vpd_page_80";
  disk.wwn = "naa.50014ee2b5e7c6f1";
  disk.firmware = "01.01A01";
  disk.size_bytes = kTerabyte;
  disk.place = {0, kTerabyte};
  disk.physical_block_bytes = 4096;
  disk.bus = "ata";
  disk.storage = Storage::rotational;
  disk.temperature_millicelsius = 38'000;
  disk.content = {{"partition_table", "gpt", "", "6d1e", 512}};
  disk.uses = {{DeviceUse::Kind::mount, "sda1", "/srv/data"}};
  disk.system_roles = {"holds /srv"};
  disk.partitions = {"sda1", "sda2"};
  return disk;
}

DeviceFacts partition(const std::string& name, std::uint64_t offset) {
  DeviceFacts part = hard_disk();
  part.path = "/dev/" + name;
  part.stable_path.clear();
  part.name = name;
  part.kind = DeviceKind::partition;
  part.size_bytes = kTerabyte / 4;
  part.place = {offset, part.size_bytes};
  part.hidden_area = HiddenArea::none;
  part.content = {{"filesystem", "ext4", "data", "77aa", 1080}};
  part.uses.clear();
  part.partitions.clear();
  return part;
}

DeviceFacts strange_device() {
  DeviceFacts device;
  device.path = "/dev/zz0";
  device.name = device.disk = "zz0";
  device.size_bytes = 4096;
  device.content_unknown = "permission denied";
  return device;
}

std::string table(std::vector<DeviceFacts> devices, unsigned width = 80, bool as_root = true) {
  std::ostringstream out;
  print_devices(out, {std::move(devices), kThreePasses, as_root}, width);
  return out.str();
}

std::vector<std::string> lines_in(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::vector<nlohmann::json> json(std::vector<DeviceFacts> devices, bool as_root = true) {
  std::ostringstream out;
  print_devices_json(out, {std::move(devices), kThreePasses, as_root});
  std::vector<nlohmann::json> all;
  for (const std::string& line : lines_in(out.str())) all.push_back(nlohmann::json::parse(line));
  return all;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// The table's words, however they were wrapped.
std::string unwrapped(const std::string& text) {
  std::string words;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\n';
    if (!space || !words.ends_with(' ')) words += space ? ' ' : c;
  }
  return words;
}

TEST_CASE("the table says of a disk what it is, what is on it, who uses it and what it takes") {
  const auto lines = lines_in(table({hard_disk()}));
  REQUIRE(lines.size() > 2);
  CHECK(lines[0].starts_with("DEVICE"));
  CHECK(lines[1] == "/dev/sda  931.3 GiB  rotational ata  WDC WD10EZEX-08WN4A0  WD-WCC6Y7KXXXXX");
  const std::string text = unwrapped(table({hard_disk()}));
  for (const char* part :
       {"/dev/disk/by-id/ata-WDC_WD10EZEX-08WN4A0_WD-WCC6Y7KXXXXX", "vendor ATA",
        "serial from vpd_page_80", "WWN naa.50014ee2b5e7c6f1", "firmware 01.01A01",
        "1000000000000 bytes", "sectors of 512, physically 4096", "zones: none",
        "hidden area: unknown", "temperature: 38 C", "on it gpt (partition_table)",
        "used mounted on /srv/data (sda1)", "system holds /srv",
        "takes moj-3r: 3 passes, about 7 h at 150 MB/s (assumed)"}) {
    CAPTURE(part);
    CHECK(has(text, part));
  }
}

TEST_CASE("partitions stand below their disk, in the order of their place") {
  const auto lines =
      lines_in(table({hard_disk(), partition("sda10", 700'000), partition("sda2", 500'000'000'000),
                      partition("sda1", 1'000), strange_device()}));
  std::vector<std::string> rows;
  for (const std::string& line : lines) {
    const std::size_t at = line.find_first_not_of(' ');
    if (at <= 2 && line.compare(at, 5, "/dev/") == 0) rows.push_back(line.substr(0, 12));
  }
  CHECK(rows == std::vector<std::string>{"/dev/sda    ", "  /dev/sda1 ", "  /dev/sda10",
                                         "  /dev/sda2 ", "/dev/zz0    "});
}

TEST_CASE("a partition without its disk stands for itself") {
  const auto lines = lines_in(table({partition("sda1", 1'000)}));
  CHECK(lines[1].starts_with("/dev/sda1"));
}

TEST_CASE("columns fit, and what they cut stands whole below") {
  DeviceFacts disk = hard_disk();
  disk.path = "/dev/mapper/a-volume-group-with-a-long-name-logical";
  disk.model = "A model name of forty characters, as ATA ";
  disk.serial = "S-0123456789-0123456789-0123456789";
  for (const unsigned width : {0U, 80U, 81U, 100U, 140U, 200U}) {
    CAPTURE(width);
    const std::string text = table({disk, partition("sda1", 7)}, width);
    for (const std::string& line : lines_in(text)) {
      if (!has(line, "by-id")) CHECK(columns_of(line) <= std::max(width, 80U));
    }
    CHECK(has(text, disk.path));
    CHECK(has(text, disk.serial));
    CHECK(has(unwrapped(text), unwrapped(disk.model)));
  }
  CHECK(lines_in(table({disk}, 200))[1].size() > 150);
}

TEST_CASE("what is not known is called unknown") {
  const std::string text = unwrapped(table({strange_device()}));
  CHECK(has(text, "on it unknown: permission denied"));
  CHECK(has(text, "hidden area: unknown"));
  CHECK(has(text, "temperature: unknown"));
  CHECK(has(text, "moj-3r: 3 passes, time unknown"));
  DeviceFacts empty = hard_disk();
  empty.content.emplace();
  CHECK(has(unwrapped(table({empty})), "on it nothing recognised"));
}

TEST_CASE("a device without a size has a row and promises nothing") {
  DeviceFacts loop = strange_device();
  loop.size_bytes = 0;
  const auto lines = lines_in(table({loop}));
  CHECK(lines.size() == 2);
  CHECK(has(lines[1], "0 B"));
}

TEST_CASE("a machine without devices is told by a sentence, in JSON by no line") {
  CHECK(table({}) == "This machine has no block devices, or does not show any.\n");
  CHECK(json({}).empty());
}

TEST_CASE("what a device says of itself never reaches the terminal as it is") {
  const std::string hostile = "\x1b[2J\r\n\xe2\x80\xae gpj \xff";
  DeviceFacts disk = hard_disk();
  for (std::string* text : {&disk.path, &disk.stable_path, &disk.vendor, &disk.model, &disk.serial,
                            &disk.serial_source, &disk.wwn, &disk.firmware, &disk.bus, &disk.zoned,
                            &disk.backing_file, &disk.content_unknown}) {
    *text = hostile;
  }
  disk.content = {{hostile, hostile, hostile, hostile, 0}};
  disk.uses = {{DeviceUse::Kind::holder, hostile, hostile}};
  disk.system_roles = {hostile};
  for (const bool readable : {true, false}) {
    if (!readable) disk.content.reset();
    const std::string text = table({disk});
    CHECK(is_utf8(text));
    CHECK_FALSE(has(text, "\xe2\x80\xae"));
    CHECK(std::none_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n'; }));
  }
  const auto line = json({disk}).front();
  CHECK(line["model_base64"] == to_base64(bytes_of(hostile)));
}

TEST_CASE("JSON has every fact of a device") {
  const auto all = json({hard_disk()});
  REQUIRE(all.size() == 1);
  const nlohmann::json expected = nlohmann::json::parse(R"({
    "event": "device", "path": "/dev/sda",
    "stable_path": "/dev/disk/by-id/ata-WDC_WD10EZEX-08WN4A0_WD-WCC6Y7KXXXXX",
    "name": "sda", "kind": "disk", "number": 2048, "sequence": 9, "disk": "sda",
    "disk_number": 2048, "offset_on_disk_bytes": 0, "length_on_disk_bytes": 1000000000000,
    "vendor": "ATA", "model": "WDC WD10EZEX-08WN4A0", "serial": "WD-WCC6Y7KXXXXX",
    "serial_source": "vpd_page_80", "wwn": "naa.50014ee2b5e7c6f1", "firmware": "01.01A01",
    "size_bytes": 1000000000000, "logical_block_bytes": 512, "physical_block_bytes": 4096,
    "bus": "ata", "storage": "rotational", "zoned": "none", "read_only": false,
    "removable": false, "hidden_area": "unknown", "backing_file": "",
    "backing_is_buffered": false, "temperature_millicelsius": 38000,
    "content": [{"usage": "partition_table", "type": "gpt", "label": "", "uuid": "6d1e",
                 "offset_bytes": 512}],
    "uses": [{"kind": "mount", "device": "sda1", "by": "/srv/data"}],
    "system_roles": ["holds /srv"], "partitions": ["sda1", "sda2"],
    "namespace_id": 0, "siblings": [], "abilities": "none",
    "takes": {"scheme": "moj-3r", "passes": 3, "bytes_to_write": 3000000000000,
              "bytes_to_read": 1000000000000, "assumed_bytes_per_second": 150000000,
              "assumption": "a hard disk, outer and inner tracks together",
              "estimated_seconds": 26666},
    "root_would_add": []
  })");
  CHECK(all.front() == expected);
}

/// An SSD with what it says of itself.
DeviceFacts asked_disk() {
  DeviceFacts disk = hard_disk();
  disk.storage = Storage::flash;
  DriveAbilities abilities;
  abilities.commands = CommandSet::ata;
  abilities.identity.serial = "WD-WCC6Y7KXXXXX";
  abilities.identity.size_bytes = kTerabyte;
  for (const Method method : all_methods()) {
    if (!is_firmware(method)) continue;
    MethodAbility one;
    one.method = method;
    one.supported = Answer::no;
    abilities.methods.push_back(one);
  }
  abilities.methods[0].supported = Answer::yes;  // crypto
  abilities.methods[0].estimate_s = 2;
  abilities.methods[1].supported = Answer::yes;  // block
  abilities.methods[1].estimate_s = 120;
  abilities.methods[3].supported = Answer::yes;  // secure erase
  abilities.states = {"security_frozen"};
  abilities.hidden.present = Answer::yes;
  abilities.hidden.kinds = {"hpa"};
  abilities.health.source = "ata_smart";
  abilities.health.reallocated_sectors = 3;
  abilities.raw = {{"ata_identify", {}, Bytes{std::byte{0x04}, std::byte{0xff}}}};
  put_abilities(disk, std::move(abilities));
  Sibling sibling;
  sibling.name = "sdb";
  sibling.what = "logical_unit";
  sibling.size_bytes = 512;
  disk.siblings = {sibling};
  return disk;
}

TEST_CASE("the table says by which methods of its own a drive can be sanitized") {
  DeviceFacts disk = asked_disk();
  const auto methods = [&] { return unwrapped(table({disk})); };
  CHECK(has(methods(), "methods sanitize (block, crypto), about 2 min; secure erase: frozen"));
  CHECK(has(methods(), "hidden area: present"));
  disk.abilities->states = {"sanitize_running"};
  CHECK(has(methods(), "secure erase; a sanitize operation is running"));
  disk.abilities->methods[1].estimate_is_least = true;
  CHECK(has(methods(), "at least about 2 min"));
  disk.abilities->methods[2].supported = Answer::unknown;
  CHECK(has(methods(), "others are not known"));
  for (MethodAbility& one : disk.abilities->methods) one.supported = Answer::no;
  disk.abilities->states.clear();
  CHECK(has(methods(), "methods none of its own"));
  disk.abilities = DriveAbilities();
  disk.abilities->unknown_why = "permission denied";
  CHECK(has(methods(), "methods not known: permission denied"));
  disk.abilities.reset();
  CHECK_FALSE(has(methods(), "methods"));
}

TEST_CASE("JSON has what a drive says of itself, as it came") {
  const auto line = json({asked_disk()}).front();
  const auto& abilities = line["abilities"];
  CHECK_FALSE(has(line.dump(), "null"));
  CHECK(abilities["commands"] == "ata");
  CHECK(abilities["methods"].size() == 6);
  CHECK(abilities["methods"][1]["method"] == "sanitize_block");
  CHECK(abilities["methods"][1]["supported"] == "yes");
  CHECK(abilities["methods"][1]["estimated_seconds"] == 120);
  CHECK(abilities["methods"][2]["estimated_seconds"] == "unknown");
  CHECK(abilities["states"] == nlohmann::json{"security_frozen"});
  CHECK(abilities["hidden"]["kinds"] == nlohmann::json{"hpa"});
  CHECK(abilities["hidden"]["native_bytes"] == "unknown");
  CHECK(abilities["health"]["reallocated_sectors"] == 3);
  CHECK(abilities["health"]["media_errors"] == "unknown");
  CHECK(abilities["raw"][0]["hex"] == "04ff");
  CHECK(line["siblings"][0]["name"] == "sdb");
  CHECK(line["hidden_area"] == "present");
}

TEST_CASE("root would ask drives that others can't") {
  DeviceFacts disk = asked_disk();
  CHECK(root_would_add(disk, false).empty());
  disk.abilities = DriveAbilities();
  CHECK(root_would_add(disk, false) == std::vector<std::string>{"abilities"});
  CHECK(root_would_add(disk, true).empty());
}

TEST_CASE("JSON says unknown, never null, and says why what is on it is not known") {
  for (const bool as_root : {true, false}) {
    const auto line = json({strange_device()}, as_root).front();
    CHECK_FALSE(has(line.dump(), "null"));
    for (const char* member :
         {"sequence", "bus", "storage", "hidden_area", "temperature_millicelsius"}) {
      CAPTURE(member);
      CHECK(line[member] == "unknown");
    }
    CHECK(line["content_unknown"] == "permission denied");
    CHECK_FALSE(line.contains("content"));
    CHECK(line["takes"]["estimated_seconds"] == "unknown");
    CHECK(line["takes"]["assumed_bytes_per_second"] == "unknown");
    CHECK(line["takes"]["bytes_to_write"] == 3 * 4096);
    CHECK(line["root_would_add"].size() == (as_root ? 0 : 1));
  }
  CHECK(json({hard_disk()}, false).front()["root_would_add"].empty());
}

TEST_CASE("the time that a scheme takes follows from what kind of drive it is") {
  struct Case {
    Storage storage;
    const char* bus;
    std::uint64_t megabytes_per_second;  // 0: no estimate
  };
  for (const Case& one :
       {Case{Storage::rotational, "ata", 150}, Case{Storage::rotational, "scsi", 150},
        Case{Storage::rotational, "", 150}, Case{Storage::flash, "ata", 400},
        Case{Storage::flash, "usb", 100}, Case{Storage::rotational, "usb", 100},
        Case{Storage::flash, "nvme", 1500}, Case{Storage::flash, "mmc", 0},
        Case{Storage::virtual_, "virtio", 0}, Case{Storage::virtual_, "usb", 0},
        Case{Storage::unknown, "ata", 0}}) {
    CAPTURE(one.bus);
    DeviceFacts device;
    device.storage = one.storage;
    device.bus = one.bus;
    device.size_bytes = 600'000'000;
    const SchemeCost cost = cost_of(kThreePasses, device);
    CHECK(cost.estimated_seconds.has_value() == (one.megabytes_per_second != 0));
    if (!cost.estimated_seconds) continue;
    CHECK(*cost.assumed_bytes_per_second == one.megabytes_per_second * 1'000'000);
    CHECK(*cost.estimated_seconds ==
          1800 / one.megabytes_per_second + 600 / one.megabytes_per_second);
    CHECK_FALSE(cost.assumption.empty());
  }
}

TEST_CASE("a cost beyond what a number holds stays the largest number") {
  DeviceFacts device;
  device.size_bytes = std::uint64_t{1} << 63U;
  const SchemeCost cost = cost_of({"gutmann35", 35, 1}, device);
  CHECK(cost.bytes_to_write == UINT64_MAX);
  CHECK(cost.bytes_to_read == std::uint64_t{1} << 63U);
}

TEST_CASE("long times are told roughly") {
  CHECK(rough_duration_text(0) == "less than a minute");
  CHECK(rough_duration_text(59) == "less than a minute");
  CHECK(rough_duration_text(89) == "about 1 min");
  CHECK(rough_duration_text(90) == "about 2 min");
  CHECK(rough_duration_text(7199) == "about 120 min");
  CHECK(rough_duration_text(7200) == "about 2 h");
  CHECK(rough_duration_text(26'666) == "about 7 h");
  CHECK(rough_duration_text(172'800) == "about 2 days");
  CHECK(rough_duration_text(864'000) == "about 10 days");
}

TEST_CASE("texts are cut and filled by columns, not by bytes") {
  CHECK(columns_of("abc") == 3);
  CHECK(columns_of("\xc3\xa4\xc3\xb6") == 2);
  CHECK(columns_of("\xe6\xbc\xa2\xe5\xad\x97") == 4);
  CHECK(columns_of("\xf0\x9f\x92\xbe") == 2);
  CHECK(cut_to("\xc3\xa4\xc3\xb6\xc3\xbc", 2) == "\xc3\xa4\xc3\xb6");
  CHECK(cut_to("\xe6\xbc\xa2\xe5\xad\x97", 3) == "\xe6\xbc\xa2");
  CHECK(shortened("abcdef", 6) == "abcdef");
  CHECK(shortened("abcdef", 5) == "abc..");
  CHECK(shortened("abcdef", 1) == "a");
  CHECK(shortened_in_front("abcdef", 5) == "..def");
  CHECK(shortened_in_front("\xe6\xbc\xa2\xe5\xad\x97x", 4) == "..x");
  CHECK(filled("\xc3\xa4", 3) == "\xc3\xa4  ");
  CHECK(filled_in_front("7", 3) == "  7");
  CHECK(wrapped("one two three", 7) == std::vector<std::string>{"one two", "three"});
  CHECK(wrapped("averylongword x", 4) == std::vector<std::string>{"averylongword", "x"});
  CHECK(wrapped("", 4).empty());
}

}  // namespace
}  // namespace quietus
