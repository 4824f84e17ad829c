#include "sim/verb_options.h"

#include <iostream>

namespace touchstone::sim {

namespace po = boost::program_options;

bool parse_verb(const std::vector<std::string>& arguments, const po::options_description& visible, const std::vector<Positional>& positional, po::variables_map& vm) {
  po::options_description all;
  all.add(visible);
  po::positional_options_description places;
  for (const auto& [name, value] : positional) {
    all.add_options()(name, po::value(value));
    places.add(name, 1);
  }
  po::store(po::command_line_parser(arguments).options(all).positional(places).run(), vm);
  po::notify(vm);
  if (vm.count("help") == 0) return true;
  std::cout << visible;
  return false;
}

}  // namespace touchstone::sim
