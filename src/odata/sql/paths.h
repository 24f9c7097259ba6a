#pragma once

#include <span>
#include <string>

#include "odata/bound.h"
#include "odata/sql/fragment.h"
#include "sql/statement.h"

namespace vmsecurity::odata::sql {

// Where the first leg of a path starts in SQL: the alias of a row with its columns and its
// document, or of an element of a collection.
struct Anchor {
    std::string alias;
    bool element = false;
};

// Writes paths: a column where there is one, else a member of the document by a constant path, so
// that an index on the same expression is used.
class PathWriter {
  public:
    explicit PathWriter(Dialect dialect) : dialect_(dialect) {}

    // The value in the form that `basis` asks for: times as nanoseconds, ranks as places. NULL for
    // what is absent or null.
    Fragment value(const BoundPath& path, std::span<const Leg> legs, const Anchor& anchor,
                   Basis basis);
    // NULL or not is all that counts of it.
    Fragment presence(const BoundPath& path, std::span<const Leg> legs, const Anchor& anchor);
    // An object or a collection as canonical JSON text.
    Fragment json_text(const BoundPath& path, std::span<const Leg> legs, const Anchor& anchor);
    // "json_each(...) AS e0": the elements of a collection; none where it is absent.
    Fragment elements(const BoundPath& path, std::span<const Leg> legs, const Anchor& anchor,
                      const std::string& alias);
    Fragment count(const BoundPath& path, std::span<const Leg> legs, const Anchor& anchor);
    // The id by which the first leg refers to the object in which the second one starts.
    Fragment reference(const Leg& leg, const Anchor& anchor);

    std::string fresh_alias() { return "r" + std::to_string(++aliases_); }
    static Anchor element(std::size_t variable) { return {"e" + std::to_string(variable), true}; }

    // A time as RFC 3339 text in UTC to nanoseconds, clamped like Instant. `text` stands in the
    // result several times, so it must be short.
    Fragment nanoseconds(const std::string& text) const;
    // The rank of a word; NULL for other words.
    static Fragment rank(const Vocabulary& words, Fragment word);
    static Fragment word(const Vocabulary& words, Fragment rank);

  private:
    // kWord: text that never holds U+0000, such as times and numbers.
    enum class Form : std::uint8_t { kText, kWord, kJson };

    // The JSON that members are taken from, and, in `text`, without U+0000.
    std::string source(const Anchor& anchor, bool text) const;
    std::string member(const Leg& leg, const Anchor& anchor, Form form,
                       std::string_view last = {}) const;
    Fragment typed(const BoundPath& path, const Leg& leg, const Anchor& anchor, Basis basis) const;
    Fragment guarded(const Leg& leg, const Anchor& anchor, Fragment value) const;
    // Runs `last` on the last leg and wraps it in a sub-select for each relation before it.
    template <typename Last>
    Fragment through(std::span<const Leg> legs, const Anchor& anchor, const Last& last);
    Fragment array(std::span<const Leg> legs, const Anchor& anchor);

    Dialect dialect_;
    std::size_t aliases_ = 0;
};

// A constant of ours as an SQL literal.
std::string in_quotes(std::string_view text);

}  // namespace vmsecurity::odata::sql
