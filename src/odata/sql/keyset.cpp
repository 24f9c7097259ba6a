#include "odata/sql/keyset.h"

#include <fmt/format.h>

namespace vmsecurity::odata::sql {
namespace {

class Keyset {
  public:
    Keyset(const std::vector<SortKey>& keys, const Continuation& from, std::string_view row_id,
           Parameters& parameters)
        : keys_(keys), from_(from), row_id_(row_id), parameters_(parameters) {}

    std::vector<Fragment> branches() {
        if (keys_.empty()) return {behind(0)};
        const SortKey& first = keys_.front();
        const Fragment is_null = compose("{} IS NULL", {first.value});
        if (null_at(0)) {
            Fragment rest = compose("({} AND {})", {is_null, behind(1)});
            if (first.descending) return {std::move(rest)};
            return {std::move(rest), compose("{} IS NOT NULL", {first.value})};
        }
        std::vector<Fragment> made;
        if (keys_.size() == 1) {
            made.push_back(compose(
                fmt::format("(({{}},{}) {} ({{}},{{}}))", row_id_, first.descending ? "<" : ">"),
                {first.value, parameter(0), parameters_.add(Value(from_.row_id))}));
        } else {
            // The bound alone lets an index find where to start.
            made.push_back(
                compose(fmt::format("({{}} {} {{}} AND ({{}} {} {{}} OR {{}}))",
                                    first.descending ? "<=" : ">=", first.descending ? "<" : ">"),
                        {first.value, parameter(0), first.value, parameter(0), behind(1)}));
        }
        if (first.descending) made.push_back(is_null);
        return made;
    }

  private:
    bool null_at(std::size_t index) const {
        return std::holds_alternative<std::monostate>(from_.keys[index]);
    }

    Fragment parameter(std::size_t index) { return parameters_.add(from_.keys[index]); }

    // Of rows that are equal in all keys before `index`: those behind.
    Fragment behind(std::size_t index) {
        if (index == keys_.size()) {
            const bool descending = !keys_.empty() && keys_.back().descending;
            return compose(fmt::format("{} {} {{}}", row_id_, descending ? "<" : ">"),
                           {parameters_.add(Value(from_.row_id))});
        }
        const SortKey& key = keys_[index];
        const Fragment next = behind(index + 1);
        if (null_at(index)) {
            if (key.descending) return compose("({} IS NULL AND {})", {key.value, next});
            return compose("({} IS NOT NULL OR {})", {key.value, next});
        }
        if (key.descending) {
            return compose(
                "({} < {} OR {} IS NULL OR {} = {} AND {})",
                {key.value, parameter(index), key.value, key.value, parameter(index), next});
        }
        return compose("({} > {} OR {} = {} AND {})",
                       {key.value, parameter(index), key.value, parameter(index), next});
    }

    const std::vector<SortKey>& keys_;
    const Continuation& from_;
    std::string row_id_;
    Parameters& parameters_;
};

}  // namespace

std::string order_by(const std::vector<SortKey>& keys, Dialect dialect) {
    std::string text;
    for (const SortKey& key : keys) {
        if (!text.empty()) text += ", ";
        text += key.value.text;
        if (key.descending) text += " DESC";
        // SQLite takes nulls for the least values by itself.
        if (dialect == Dialect::kPostgres) text += key.descending ? " NULLS LAST" : " NULLS FIRST";
    }
    return text;
}

std::string order_by(const std::vector<SortKey>& keys, std::string_view row_id, Dialect dialect) {
    std::string text = order_by(keys, dialect);
    if (!text.empty()) text += ", ";
    text += row_id;
    if (!keys.empty() && keys.back().descending) text += " DESC";
    return text;
}

std::vector<Fragment> rows_behind(const std::vector<SortKey>& keys, const Continuation& from,
                                  std::string_view row_id, Parameters& parameters) {
    return Keyset(keys, from, row_id, parameters).branches();
}

}  // namespace vmsecurity::odata::sql
