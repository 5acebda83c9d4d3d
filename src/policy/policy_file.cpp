// SPDX-License-Identifier: GPL-3.0-or-later
// Policy files (TOML, quietus-policy(5)): from text to a table in which every combination of
// classification, medium and purpose has exactly one cell.
#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "quietus/digest.h"
#include "quietus/policy_table.h"
#include "quietus/text.h"

#include "policy/built_in_policies.h"
#include "policy/policy_names.h"
#include "policy/toml_value.h"

namespace quietus {
namespace {

constexpr std::uint32_t kMaxPasses = 100;
constexpr std::uint32_t kMaxPeople = 9;
constexpr std::size_t kMaxIdBytes = 64;
constexpr std::size_t kDigestHexDigits = 64;
constexpr std::uint64_t kMaxBytes = kMaxPolicyBytes;

constexpr std::array<std::string_view, 10> kPolicyKeys{
    "id",      "title",          "revision", "issued", "review",
    "summary", "approved_tools", "sources",  "switch", "cell"};
constexpr std::array<std::string_view, 4> kSwitchKeys{"id", "question", "value", "choice"};
constexpr std::array<std::string_view, 3> kChoiceKeys{"value", "meaning", "source"};
constexpr std::array<std::string_view, 27> kCellKeys{"classifications",
                                                     "media",
                                                     "purposes",
                                                     "when",
                                                     "action",
                                                     "least",
                                                     "methods",
                                                     "least_level",
                                                     "firmware_instead",
                                                     "passes",
                                                     "random_passes",
                                                     "verify",
                                                     "firmware_as_well",
                                                     "below_known",
                                                     "clean",
                                                     "next",
                                                     "permits",
                                                     "otherwise",
                                                     "without_papers",
                                                     "needs",
                                                     "operators",
                                                     "witnesses",
                                                     "approvers",
                                                     "asset_owners",
                                                     "people_by",
                                                     "sources",
                                                     "note"};
constexpr std::array<std::string_view, 2> kVerifyWords{"full", "any"};
constexpr std::array<std::string_view, 2> kPeopleWords{"declared", "signed"};

bool is_id(std::string_view id) {
  const auto alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !id.empty() && id.size() <= kMaxIdBytes && alphanumeric(id.front()) &&
         std::all_of(id.begin(), id.end(), [&](char c) { return c == '-' || alphanumeric(c); });
}

/// A cell as it stands in the file, with its place.
struct ReadCell {
  PolicyCell cell;
  std::uint32_t line = 1;
};

/// Reads one file. The reader keeps the first problem; what is read after it counts for nothing.
class PolicyFile {
 public:
  explicit PolicyFile(const TomlFile& file) : reader_(file) {}

  Policy read(const TomlValue& root);
  [[nodiscard]] const std::optional<Error>& problem() const { return reader_.problem(); }

 private:
  std::string id(const TomlValue& table);
  std::vector<std::string> tools(const TomlValue& root);
  PolicySwitch switch_of(const TomlValue& table);
  ReadCell cell_of(const TomlValue& table);
  void read_reach(const TomlValue& table, PolicyCell& cell);
  void read_method(const TomlValue& table, PolicyCell& cell);
  void read_papers(const TomlValue& table, PolicyCell& cell);
  Permits permits(const TomlValue& table, std::string_view key, Presence presence);
  Category level(const TomlValue& table, std::string_view key, Category otherwise);
  void read_order(const TomlValue& table, PolicyCell& cell);
  void check_sense(const ReadCell& read);
  void check_methods(const TomlValue& table, const ReadCell& read);
  bool is_in_use(const ReadCell& read, const Policy& policy);
  void check_cover(const std::vector<ReadCell>& cells);
  template <class Word, std::size_t N>
  std::vector<Word> all_words(const TomlValue& table, std::string_view key,
                              const std::array<std::string_view, N>& names, Presence presence) {
    std::vector<Word> out;
    for (const std::size_t place : reader_.words(table, key, names, presence)) {
      out.push_back(static_cast<Word>(place));
    }
    return out;
  }

  TomlReader reader_;
};

std::string PolicyFile::id(const TomlValue& table) {
  std::string id = reader_.text(table, "id", Presence::required);
  if (!is_id(id)) {
    const TomlValue* value = table.member("id");
    reader_.fail(value == nullptr ? table.line : value->line, "id",
                 "expected 1 to 64 of a-z, 0-9 and -, the first not -");
  }
  return id;
}

std::vector<std::string> PolicyFile::tools(const TomlValue& root) {
  std::vector<std::string> all = reader_.texts(root, "approved_tools", Presence::optional);
  for (const std::string& one : all) {
    if (one.size() != kDigestHexDigits || !from_hex(one)) {
      reader_.fail(root.member("approved_tools")->line, "approved_tools",
                   "expected SHA-256 digests, 64 lower-case hex digits each");
    }
  }
  return all;
}

PolicySwitch PolicyFile::switch_of(const TomlValue& table) {
  reader_.only(table, kSwitchKeys);
  PolicySwitch out;
  out.id = id(table);
  out.question = reader_.text(table, "question", Presence::required);
  out.value = reader_.text(table, "value", Presence::required);
  bool known = false;
  for (const TomlValue& choice : reader_.tables(table, "choice")) {
    reader_.only(choice, kChoiceKeys);
    out.choices.push_back({reader_.text(choice, "value", Presence::required),
                           reader_.text(choice, "meaning", Presence::required),
                           reader_.text(choice, "source", Presence::required)});
    known = known || out.choices.back().value == out.value;
  }
  if (!known) reader_.fail(table.line, "value", "expected the value of one of the choices");
  return out;
}

Permits PolicyFile::permits(const TomlValue& table, std::string_view key, Presence presence) {
  return static_cast<Permits>(reader_.word(table, key, kPermitsNames, presence).value_or(0));
}

void PolicyFile::read_reach(const TomlValue& table, PolicyCell& cell) {
  cell.classifications =
      all_words<Classification>(table, "classifications", kClassificationNames, Presence::required);
  cell.media = all_words<PolicyMedium>(table, "media", kMediumNames, Presence::required);
  cell.purposes = all_words<Purpose>(table, "purposes", kPurposeNames, Presence::required);
  cell.when = reader_.texts(table, "when", Presence::optional);
}

Category PolicyFile::level(const TomlValue& table, std::string_view key, Category otherwise) {
  // What counts as nothing is no level to ask for.
  constexpr std::span<const std::string_view> kWords = std::span(kLevelNames).subspan(1);
  const auto place = reader_.word(table, key, kWords, Presence::optional);
  return place ? static_cast<Category>(*place + 1) : otherwise;
}

void PolicyFile::read_order(const TomlValue& table, PolicyCell& cell) {
  cell.methods = all_words<Method>(table, "methods", kMethodWords, Presence::optional);
  cell.least_level = level(table, "least_level", Category::purge);
  cell.firmware_instead = level(table, "firmware_instead", Category::none);
}

void PolicyFile::read_method(const TomlValue& table, PolicyCell& cell) {
  cell.action = static_cast<PolicyAction>(
      reader_.word(table, "action", kActionNames, Presence::required).value_or(0));
  cell.least = reader_.text(table, "least", Presence::required);
  cell.passes = reader_.number(table, "passes", kMaxPasses);
  cell.random_passes = reader_.number(table, "random_passes", kMaxPasses);
  cell.verify_full =
      reader_.word(table, "verify", kVerifyWords, Presence::optional).value_or(0) == 0;
  cell.firmware_as_well = reader_.flag(table, "firmware_as_well", false);
  cell.below_known = reader_.flag(table, "below_known", false);
  cell.clean = reader_.flag(table, "clean", false);
  cell.next = reader_.text(table, "next", Presence::optional);
}

void PolicyFile::read_papers(const TomlValue& table, PolicyCell& cell) {
  cell.permits = permits(table, "permits", Presence::required);
  cell.otherwise = permits(table, "otherwise", Presence::optional);
  cell.without_papers = permits(table, "without_papers", Presence::optional);
  cell.needs = all_words<PolicyNeed>(table, "needs", kNeedNames, Presence::optional);
  cell.operators = reader_.number(table, "operators", kMaxPeople);
  cell.witnesses = reader_.number(table, "witnesses", kMaxPeople);
  cell.approvers = reader_.number(table, "approvers", kMaxPeople);
  cell.asset_owners = reader_.number(table, "asset_owners", kMaxPeople);
  cell.signed_people =
      reader_.word(table, "people_by", kPeopleWords, Presence::optional).value_or(0) == 1;
  cell.sources = reader_.texts(table, "sources", Presence::required);
  cell.note = reader_.text(table, "note", Presence::optional);
}

ReadCell PolicyFile::cell_of(const TomlValue& table) {
  reader_.only(table, kCellKeys);
  ReadCell out;
  out.line = table.line;
  read_reach(table, out.cell);
  read_method(table, out.cell);
  read_order(table, out.cell);
  read_papers(table, out.cell);
  check_sense(out);
  check_methods(table, out);
  return out;
}

/// What would make a cell say more than it can.
void PolicyFile::check_sense(const ReadCell& read) {
  const PolicyCell& cell = read.cell;
  if (cell.action == PolicyAction::overwrite && cell.passes == 0) {
    reader_.fail(read.line, "passes", "expected the number of complete passes, 1 at least");
  }
  if (cell.random_passes > cell.passes) {
    reader_.fail(read.line, "random_passes", "expected no more than passes");
  }
  if (cell.action != PolicyAction::overwrite && cell.next.empty()) {
    reader_.fail(read.line, "next", "expected what to do where no overwriting is enough");
  }
  if (cell.otherwise > Permits::internal_reuse || cell.otherwise > cell.permits) {
    reader_.fail(read.line, "otherwise", "expected less than release, and no more than permits");
  }
  if (cell.without_papers > Permits::internal_reuse || cell.without_papers > cell.permits) {
    reader_.fail(read.line, "without_papers",
                 "expected less than release, and no more than permits");
  }
}

/// Keys that would be read and mean nothing.
void PolicyFile::check_methods(const TomlValue& table, const ReadCell& read) {
  const PolicyCell& cell = read.cell;
  const auto overwrite = std::find(cell.methods.begin(), cell.methods.end(), Method::overwrite);
  if (overwrite != cell.methods.end() && overwrite + 1 != cell.methods.end()) {
    reader_.fail(read.line, "methods", "expected overwrite last: it is always possible");
  }
  if (table.member("least_level") != nullptr && cell.action != PolicyAction::firmware) {
    reader_.fail(read.line, "least_level", "expected only with action = \"firmware\"");
  }
  if (table.member("firmware_instead") != nullptr && cell.action != PolicyAction::overwrite) {
    reader_.fail(read.line, "firmware_instead", "expected only with action = \"overwrite\"");
  }
}

bool PolicyFile::is_in_use(const ReadCell& read, const Policy& policy) {
  bool in_use = true;
  for (const std::string& condition : read.cell.when) {
    const std::size_t equals = std::min(condition.find('='), condition.size());
    const std::string id = condition.substr(0, equals);
    const std::string value = condition.substr(std::min(equals + 1, condition.size()));
    const auto its = std::find_if(policy.switches.begin(), policy.switches.end(),
                                  [&](const PolicySwitch& one) { return one.id == id; });
    const bool known = its != policy.switches.end() &&
                       std::any_of(its->choices.begin(), its->choices.end(),
                                   [&](const auto& choice) { return choice.value == value; });
    if (!known) {
      reader_.fail(read.line, "when", "expected \"SWITCH=VALUE\" of a switch and its choices");
      return false;
    }
    in_use = in_use && its->value == value;
  }
  return in_use;
}

std::string combination(std::size_t classification, std::size_t medium, std::size_t purpose) {
  return std::string(kClassificationNames.at(classification)) + ", " +
         std::string(kMediumNames.at(medium)) + ", " + std::string(kPurposeNames.at(purpose));
}

void PolicyFile::check_cover(const std::vector<ReadCell>& cells) {
  std::map<std::string, std::uint32_t> line_of;
  for (const ReadCell& read : cells) {
    for (const Classification c : read.cell.classifications) {
      for (const PolicyMedium m : read.cell.media) {
        for (const Purpose p : read.cell.purposes) {
          const std::string what =
              combination(static_cast<std::size_t>(c), static_cast<std::size_t>(m),
                          static_cast<std::size_t>(p));
          const auto [known, fresh] = line_of.emplace(what, read.line);
          if (fresh) continue;
          reader_.fail(read.line, "cell",
                       "expected one cell for " + what + "; there is one in line " +
                           std::to_string(known->second));
        }
      }
    }
  }
  for (std::size_t c = 0; c < kClassificationNames.size(); ++c) {
    for (std::size_t m = 0; m < kMediumNames.size(); ++m) {
      for (std::size_t p = 0; p < kPurposeNames.size(); ++p) {
        const std::string what = combination(c, m, p);
        if (line_of.count(what) == 0) reader_.fail(1, "cell", "expected a cell for " + what);
      }
    }
  }
}

Policy PolicyFile::read(const TomlValue& root) {
  reader_.only(root, kPolicyKeys);
  Policy out;
  out.id = id(root);
  out.title = reader_.text(root, "title", Presence::required);
  out.revision = reader_.text(root, "revision", Presence::required);
  out.issued = reader_.date(root, "issued");
  out.review = reader_.date(root, "review");
  if (out.review < out.issued) reader_.fail(1, "review", "expected no earlier than issued");
  out.summary = reader_.text(root, "summary", Presence::optional);
  out.sources = reader_.texts(root, "sources", Presence::required);
  out.approved_tools = tools(root);
  for (const TomlValue& table : reader_.tables(root, "switch")) {
    out.switches.push_back(switch_of(table));
    for (std::size_t i = 0; i + 1 < out.switches.size(); ++i) {
      if (out.switches[i].id == out.switches.back().id) {
        reader_.fail(table.line, "switch", "expected each switch once");
      }
    }
  }
  std::vector<ReadCell> cells;
  for (const TomlValue& table : reader_.tables(root, "cell")) {
    ReadCell read = cell_of(table);
    if (!problem() && is_in_use(read, out)) cells.push_back(std::move(read));
  }
  check_cover(cells);
  for (ReadCell& read : cells) out.cells.push_back(std::move(read.cell));
  return out;
}

template <class Word>
bool holds(const std::vector<Word>& words, Word word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

const PolicyCell& Policy::cell(Classification classification, PolicyMedium medium,
                               Purpose purpose) const {
  static const PolicyCell kNone;
  const auto found = std::find_if(cells.begin(), cells.end(), [&](const PolicyCell& one) {
    return holds(one.classifications, classification) && holds(one.media, medium) &&
           holds(one.purposes, purpose);
  });
  return found == cells.end() ? kNone : *found;
}

Result<Policy> policy_from_toml(std::string_view text, const std::string& file) {
  const TomlFile named{file, "quietus-policy(5) describes the format"};
  const Result<TomlValue> root = toml_from(text, named, kMaxBytes);
  if (!root) return root.error();
  PolicyFile reader(named);
  Policy policy = reader.read(*root);
  if (reader.problem()) return *reader.problem();
  if (is_built_in_policy(policy.id) && !is_built_in_text(text)) {
    return named.error(root->member("id")->line, "id",
                       "expected an id that no built-in policy has");
  }
  policy.text = std::string(text);
  policy.digest = to_hex(sha256(bytes_of(text)));
  return policy;
}

}  // namespace quietus
