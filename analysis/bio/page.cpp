#include "bio/page.h"

#include <cstdio>

namespace touchstone::bio {
namespace {

using tools::escaped;

constexpr const char* kHead = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<style>
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 96rem; padding: 0 1.5rem; color: #222; background: #fff; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2.2rem; }
table { border-collapse: collapse; font-size: 13px; } th, td { padding: 3px 9px; text-align: left; white-space: nowrap; border-bottom: 1px solid #ddd; }
th { border-bottom: 2px solid #888; } .wide { overflow-x: auto; } td.n { text-align: right; font-variant-numeric: tabular-nums; }
.facts td:first-child { color: #666; } .facts td { white-space: normal; overflow-wrap: anywhere; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(34rem, 1fr)); gap: 1.2rem; } figure { margin: 0; }
figure svg { width: 100%; height: auto; border: 1px solid #ddd; } details { font-size: 12px; } pre { max-height: 16rem; overflow: auto; background: #f6f6f6; padding: .6rem; }
.note { color: #555; max-width: 60rem; }
)";

void cell(std::string& out, const std::string& text, bool number = false) { out += (number ? "<td class=\"n\">" : "<td>") + escaped(text) + "</td>"; }

void rows_table(std::string& out, const std::vector<Row>& rows) {
  out += "<div class=\"wide\"><table><tr>";
  for (const char* head : {"data", "protocol", "representation", "sensor", "enrolled", "split", "EER", "FMR100", "FMR1000", "FMR10000", "ZeroFMR", "FTA", "FTE", "GFRR at 1e-2",
                           "FRR of 3 tries", "FAR of 3 tries", "pairs genuine/impostor", "30 errors", "goat, lamb, wolf: Gini", "bits b_avg, b_weak", "k"}) {
    out += "<th>" + std::string(head) + "</th>";
  }
  out += "</tr>\n";
  for (const Row& r : rows) {
    char text[80];
    out += "<tr>";
    cell(out, r.label.data);
    cell(out, r.label.protocol);
    cell(out, r.label.name + (r.label.network == "none" ? "" : " " + r.label.network) + " (" + r.label.representation + ")");
    cell(out, r.label.sensor);
    cell(out, std::to_string(r.label.enrolled), true);
    cell(out, r.label.split);
    cell(out, eer_text(r), true);
    for (std::size_t a = 0; a < r.fnmr_at.size(); ++a) cell(out, to_text(r, a), true);
    cell(out, metrics::to_text(r.rates.at("fta").rate), true);
    cell(out, metrics::to_text(r.rates.at("fte").rate), true);
    cell(out, metrics::to_text(r.rates.at("gfrr").rate), true);
    const bool three = !r.transaction_rates.empty();
    cell(out, three ? metrics::to_text(r.transaction_rates.at("frr").rate) : "-", true);
    cell(out, three ? metrics::to_text(r.transaction_rates.at("far").rate) : "-", true);
    cell(out, std::to_string(r.genuine_pairs) + "/" + std::to_string(r.impostor_pairs) + (r.thinned ? " thinned" : ""), true);
    cell(out, std::string(r.fnmr_at[0].rate.meets_rule_of_30() ? "FNMR yes" : "FNMR no") + (r.rates.at("fmr").rate.meets_rule_of_30() ? ", FMR yes" : ", FMR no"));
    std::snprintf(text, sizeof text, "%.2f, %.2f, %.2f", r.goat.gini, r.lamb.gini, r.wolf.gini);
    cell(out, text, true);
    std::snprintf(text, sizeof text, "%.1f, %.1f", r.bits.average, r.bits.weak);
    cell(out, text, true);
    cell(out, r.label.k_bits == 0 ? "-" : std::to_string(r.label.k_bits), true);
    out += "</tr>\n";
  }
  out += "</table></div>\n";
}

}  // namespace

std::string page_begin(const std::string& title, const Facts& facts) {
  std::string out = kHead;
  out += "</style>\n<title>" + escaped(title) + "</title></head><body>\n<h1>" + escaped(title) + "</h1>\n<table class=\"facts\">";
  for (const auto& [name, value] : facts) out += "<tr><td>" + escaped(name) + "</td><td>" + escaped(value) + "</td></tr>\n";
  return out + "</table>\n";
}

std::string page_table(const tools::Cells& cells) {
  std::string out = "<div class=\"wide\"><table>";
  for (std::size_t row = 0; row < cells.size(); ++row) {
    out += "<tr>";
    for (const std::string& text : cells[row]) out += row == 0 ? "<th>" + escaped(text) + "</th>" : "<td>" + escaped(text) + "</td>";
    out += "</tr>\n";
  }
  return out + "</table></div>\n";
}

std::string page_end(const std::vector<std::pair<std::string, tools::Chart>>& charts) {
  std::string out = "<h2>Charts</h2>\n<div class=\"charts\">\n";
  for (const auto& [name, chart] : charts) {
    out += "<figure id=\"" + name + "\">" + chart.svg() + "<details><summary>" + name + ".csv</summary><pre>" + escaped(chart.csv()) + "</pre></details></figure>\n";
  }
  return out + "</div>\n</body></html>\n";
}

std::string to_page(const Facts& facts, const Evaluation& evaluation) {
  std::string out = page_begin("Fingerprint evaluation", facts);
  out +=
      "<h2>Error rates</h2>\n"
      "<p class=\"note\">In brackets: 95 % intervals by bootstrap over fingers, impostors two-way. FMR100 is FNMR at FMR 1e-2, and so on. A rate without an error is "
      "printed as its rule-of-3 bound; an FNMR at an FMR that the comparisons cannot show has the bound of that FMR behind it. \"30 errors\": whether the rule of 30 is "
      "met (&plusmn;30 % at 90 % confidence) at FMR 1e-2. Bits: -log2 of the FMR's upper end there, and of the weakest twentieth of the fingers.</p>\n";
  rows_table(out, evaluation.rows);
  if (!evaluation.cross_rows.empty()) {
    out += "<h2>Enrolled on one card, probed on another</h2>\n<p class=\"note\">Two manufactured parts of the card's sensor: gain, offset, fixed pattern, noise and a pitch "
           "some 2 % off. The extractor is told the nominal 508 dpi.</p>\n";
    rows_table(out, evaluation.cross_rows);
  }
  if (!evaluation.two_finger_rows.empty()) {
    out += "<h2>Two fingers under one lock</h2>\n<p class=\"note\">Neighbouring fingers of a set make a person who enrols and shows both; the score is the mean of both "
           "fingers' scores, so that neither is judged alone. Half as many people as fingers.</p>\n";
    rows_table(out, evaluation.two_finger_rows);
  }
  if (!evaluation.converter_rows.empty()) {
    out += "<h2>What the card's converter opens</h2>\n<p class=\"note\">Records made and opened by the card's own functions: vectors in eight bits, code, list and check. "
           "The rates above are of thresholds on scores; here the code is the threshold. FNMR and FMR are of single tries. Bits left: log2 of the sign patterns less n - k.</p>\n";
    out += "<pre>" + escaped(to_table(evaluation.converter_rows)) + "</pre>\n";
  }
  return out + page_end(evaluation.charts);
}

}  // namespace touchstone::bio
