#pragma once

#include <map>
#include <string>
#include <vector>

#include "odata/testing/catalog.h"
#include "odata/testing/random.h"

namespace vmsecurity::odata::testing {

// Random texts of query options on one collection, of which nearly all bind.
class RandomQueries {
  public:
    RandomQueries(const schema::Collection& collection, std::uint64_t seed);

    std::string filter();
    // On the texts that have columns of their own.
    std::string filter_of_columns();
    std::string orderby();
    std::string apply();

  private:
    struct Scope {
        std::string variable;  // empty: the row
        const Catalog* catalog;
    };

    std::string condition(int depth);
    std::string comparison(int depth);
    std::string words_comparison(const std::string& path, std::span<const std::string_view> words);
    std::string text_match(int depth);
    std::string lambda(int depth);
    std::string value(ValueKind kind, int depth);
    std::string integer(int depth);
    std::string text(int depth);
    std::string constant(ValueKind kind);
    std::string path(ValueKind kind);  // empty: there is none
    std::string path_text(const Scope& scope, const std::string& path) const;
    const Scope& scope();

    Random random_;
    const schema::Collection* collection_;
    Catalog catalog_;
    std::map<const schema::Type*, Catalog> elements_;
    std::vector<Scope> scopes_;
};

// A text as an OData literal.
std::string in_quotes(std::string_view text);

}  // namespace vmsecurity::odata::testing
