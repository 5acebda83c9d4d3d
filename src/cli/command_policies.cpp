// SPDX-License-Identifier: GPL-3.0-or-later
// `quietus policies`: what policies there are, what each cell of one asks for, and where that comes
// from.
#include <nlohmann/json.hpp>
#include <ostream>
#include <utility>

#include "quietus/json_text.h"
#include "quietus/outcome.h"
#include "quietus/policy_table.h"
#include "quietus/report.h"
#include "quietus/text.h"

#include "cli/app.h"
#include "cli/policy_setup.h"

namespace quietus::cli {
namespace {

using Json = nlohmann::ordered_json;

template <class Word>
std::string words_of(const std::vector<Word>& words) {
  std::string out;
  for (const Word& word : words) out.append(out.empty() ? "" : ", ").append(name_of(word));
  return out;
}

template <class Word>
Json json_words(const std::vector<Word>& words) {
  Json out = Json::array();
  for (const Word& word : words) out.push_back(name_of(word));
  return out;
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

struct PeopleWord {
  const char* word;
  std::uint32_t PolicyCell::*count;
};

constexpr PeopleWord kPeople[] = {{"operator", &PolicyCell::operators},
                                  {"asset owner", &PolicyCell::asset_owners},
                                  {"witness", &PolicyCell::witnesses},
                                  {"approver", &PolicyCell::approvers}};

std::string people_of(const PolicyCell& cell) {
  std::string out;
  for (const PeopleWord& one : kPeople) {
    const std::uint32_t count = cell.*one.count;
    if (count == 0) continue;
    out.append(out.empty() ? "" : ", ").append(std::to_string(count)).append(" ").append(one.word);
  }
  if (cell.witnesses + cell.approvers == 0) return out;
  return out + (cell.signed_people ? " (witness and approver by signature)" : " (declared)");
}

void print_line(std::ostream& out, const std::string& label, const std::string& text) {
  if (!text.empty()) out << "  " << padded(label, 18) << escaped(text) << "\n";
}

/// Whether software does it at all; whether a drive has it is another question.
bool is_possible(const PolicyCell& cell) {
  return cell.action != PolicyAction::destruction && cell.action != PolicyAction::whole_medium;
}

std::string can_do(const PolicyCell& cell) {
  return cell.action == PolicyAction::firmware ? "can do that where the drive has such a method"
                                               : "can do that";
}

void print_cell(std::ostream& out, const PolicyCell& cell) {
  out << "\n"
      << words_of(cell.classifications) << " | " << words_of(cell.media) << " | "
      << words_of(cell.purposes) << "\n";
  const bool here = is_possible(cell);
  print_line(out, "least method", cell.least);
  print_line(out, "this tool", here ? can_do(cell) : "can't do that: " + cell.next);
  print_line(out, "in this order", words_of(cell.methods));
  print_line(out, "verification", cell.verify_full ? "full" : "any");
  print_line(out, "permits", std::string(name_of(cell.permits)));
  if (cell.otherwise != cell.permits) {
    print_line(out, "else at most", std::string(name_of(cell.otherwise)));
  }
  print_line(out, "people", people_of(cell));
  print_line(out, "papers", words_of(cell.needs));
  print_line(out, here && cell.action != PolicyAction::overwrite ? "otherwise" : "then",
             here ? cell.next : "");
  print_line(out, "note", cell.note);
  for (const std::string& source : cell.sources) print_line(out, "source", source);
}

void print_whole(std::ostream& out, const Policy& policy) {
  out << policy.id << ": " << escaped(policy.title) << "\n";
  print_line(out, "revision", policy.revision);
  print_line(out, "issued", policy.issued);
  print_line(out, "review by", policy.review);
  print_line(out, "SHA-256", policy.digest);
  print_line(out, "summary", policy.summary);
  for (const std::string& source : policy.sources) print_line(out, "source", source);
  for (const std::string& tool : policy.approved_tools) print_line(out, "approved tool", tool);
  for (const PolicySwitch& one : policy.switches) {
    out << "\nswitch " << one.id << " = " << escaped(one.value) << "\n";
    print_line(out, "question", one.question);
    for (const PolicySwitch::Choice& choice : one.choices) {
      print_line(out, choice.value, choice.meaning + " [" + choice.source + "]");
    }
  }
  for (const PolicyCell& cell : policy.cells) print_cell(out, cell);
}

Json json_of(const PolicyCell& cell) {
  return {{"classifications", json_words(cell.classifications)},
          {"media", json_words(cell.media)},
          {"purposes", json_words(cell.purposes)},
          {"action", name_of(cell.action)},
          {"possible_here", is_possible(cell)},
          {"least", cell.least},
          {"methods", json_words(cell.methods)},
          {"least_level",
           name_of(cell.action == PolicyAction::firmware ? cell.least_level : Category::none)},
          {"firmware_instead", name_of(cell.firmware_instead)},
          {"passes", cell.passes},
          {"random_passes", cell.random_passes},
          {"verify", cell.verify_full ? "full" : "any"},
          {"firmware_as_well", cell.firmware_as_well},
          {"below_known", cell.below_known},
          {"clean", cell.clean},
          {"next", cell.next},
          {"permits", name_of(cell.permits)},
          {"otherwise", name_of(cell.otherwise)},
          {"without_papers", name_of(cell.without_papers)},
          {"needs", json_words(cell.needs)},
          {"operators", cell.operators},
          {"asset_owners", cell.asset_owners},
          {"witnesses", cell.witnesses},
          {"approvers", cell.approvers},
          {"people_by", cell.signed_people ? "signed" : "declared"},
          {"sources", cell.sources},
          {"note", cell.note}};
}

Json json_of(const Policy& policy, bool whole) {
  Json out = {
      {"event", "policy"},           {"id", policy.id},           {"title", policy.title},
      {"revision", policy.revision}, {"issued", policy.issued},   {"review", policy.review},
      {"digest", policy.digest},     {"summary", policy.summary}, {"sources", policy.sources}};
  if (!whole) return out;
  out["approved_tools"] = policy.approved_tools;
  out["switches"] = Json::array();
  for (const PolicySwitch& one : policy.switches) {
    Json choices = Json::array();
    for (const PolicySwitch::Choice& choice : one.choices) {
      choices.push_back(
          {{"value", choice.value}, {"meaning", choice.meaning}, {"source", choice.source}});
    }
    out["switches"].push_back({{"id", one.id},
                               {"question", one.question},
                               {"value", one.value},
                               {"choices", std::move(choices)}});
  }
  out["cells"] = Json::array();
  for (const PolicyCell& cell : policy.cells) out["cells"].push_back(json_of(cell));
  return out;
}

void print_row(std::ostream& out, const Policy& policy) {
  out << padded(policy.id, 10) << " revision " << policy.revision << "  issued " << policy.issued
      << "  review by " << policy.review << "  " << escaped(policy.title) << "\n";
}

void print(const Options& options, std::ostream& out, const Policy& policy, bool whole) {
  if (options.toml) {
    out << policy.text;
  } else if (options.json) {
    out << to_line(json_of(policy, whole)) << "\n";
  } else if (whole) {
    print_whole(out, policy);
  } else {
    print_row(out, policy);
  }
}

int usage_error(Console& console, const Error& error) {
  print_error(console.err, error);
  return kExitUsage;
}

}  // namespace

int run_policies(const Options& options, Seams& seams) {
  const bool by_file = !options.policy_file.empty();
  if (by_file && !options.paths.empty()) {
    return usage_error(seams.console, {Errc::invalid, 0, "either an id or --policy-file"});
  }
  if (!by_file && options.paths.empty()) {
    if (options.toml) {
      return usage_error(seams.console, {Errc::invalid, 0, "--toml prints one policy: name it"});
    }
    for (const Policy& policy : built_in_policies()) {
      print(options, seams.console.out, policy, false);
    }
    return kExitOk;
  }
  const Result<Policy> policy = by_file ? policy_from_file(seams.platform, options.policy_file)
                                        : find_policy(options.paths.front());
  if (!policy) return usage_error(seams.console, policy.error());
  print(options, seams.console.out, *policy, true);
  return kExitOk;
}

}  // namespace quietus::cli
