#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/schema/schema.h"
#include "odata/syntax.h"

// Expressions and options whose paths are known fields and whose types fit: what the evaluator, the
// SQL writer and the projection work on. String views point into the schema's constant tables.
namespace vmsecurity::odata {

namespace schema = model::schema;

enum class ValueKind : std::uint8_t {
    kNull,
    kBoolean,
    kInteger,
    kReal,
    kText,
    kTime,
    kStructure,  // objects, arrays and opaque values: for null tests, contains() and length()
};

// The words that a text may be. A path into a union has a group for each variant whose words
// differ. Where `ranked`, each group stands in rising order, and the rank of a word is its place in
// all groups put behind each other; words of different groups have no order.
struct Vocabulary {
    std::vector<std::span<const std::string_view>> groups;
    bool ranked = false;

    std::optional<std::int64_t> rank(std::string_view word) const;
    std::string_view word(std::int64_t rank) const;  // empty: there is none
    bool operator==(const Vocabulary& other) const;
};

// Where a path starts.
struct Root {
    enum class Kind : std::uint8_t {
        kRow,       // the object itself; in nested options of a collection, its element
        kVariable,  // of a lambda; `index` counts the lambdas around it from the outermost, from 0
        kResult,    // a column of $apply's result, counted by `index`
    };
    Kind kind = Kind::kRow;
    std::size_t index = 0;
    bool operator==(const Root&) const = default;
};

// A union's variants disagree about a field: it counts only where the discriminator is one of
// these.
struct Guard {
    std::vector<std::string_view> discriminator;  // names from the start of the leg
    std::vector<std::string_view> values;
};

// Names within one object. Every leg but the last ends at a relation's object; the next starts at
// the object of `collection` that has its id.
struct Leg {
    const schema::Collection* collection = nullptr;  // nullptr: starts at a variable or an element
    std::vector<std::string_view> names;
    const schema::HotColumn* column =
        nullptr;  // of the whole leg; of its id if the leg is not last
    std::vector<Guard> guards;
};

struct BoundPath {
    Root root;
    std::vector<Leg> legs;                         // not empty
    const schema::Type* type = nullptr;            // nullptr only for results
    const schema::Collection* relation = nullptr;  // of the value, if it is (an array of) {"id"}
    std::optional<Vocabulary> vocabulary;

    std::string text() const;  // "asset/terminatedOn"
};

struct BoundExpression;
using BoundPointer = std::unique_ptr<BoundExpression>;

struct BoundNot {
    BoundPointer operand;
};

struct BoundLogical {
    LogicalOperator operation;
    std::vector<BoundExpression> operands;
};

// As what both sides are compared.
enum class Basis : std::uint8_t { kBoolean, kInteger, kReal, kText, kTime, kRank };

// Never with the literal null: see BoundNullTest.
struct BoundComparison {
    ComparisonOperator operation;
    Basis basis;
    BoundPointer left;
    BoundPointer right;
};

struct BoundNullTest {
    bool is_null;  // false: is not null
    BoundPointer operand;
};

struct BoundNegation {
    BoundPointer operand;
};

struct BoundArithmetic {
    ArithmeticOperator operation;
    bool real;  // else both operands are integers
    BoundPointer left;
    BoundPointer right;
};

struct BoundMembership {
    Basis basis;
    BoundPointer operand;
    std::vector<Constant> values;  // not null; of kRank: integers
    bool null_too;                 // null stands in the list
};

struct BoundCall {
    Function function;  // not kNow, which is a constant; not kLength of collections
    std::vector<BoundExpression> arguments;
};

// Number of elements; 0 where the collection is absent.
struct BoundCount {
    BoundPath collection;
};

struct BoundLambda {
    Quantifier quantifier;
    BoundPath collection;
    std::size_t variable;    // its Root::index
    BoundPointer predicate;  // nullptr: any()
};

struct BoundExpression {
    std::size_t position = 0;
    ValueKind kind = ValueKind::kNull;
    std::variant<Constant, BoundPath, BoundNot, BoundLogical, BoundComparison, BoundNullTest,
                 BoundNegation, BoundArithmetic, BoundMembership, BoundCall, BoundCount,
                 BoundLambda>
        node;
};

// The form in which a value is sorted, grouped and aggregated: ranked words as ranks.
Basis natural_basis(const BoundExpression& expression);

// All paths in an expression, also those to collections.
std::vector<const BoundPath*> paths_of(const BoundExpression& expression);

struct BoundOrder {
    BoundExpression expression;
    bool descending = false;
};

struct BoundOptions;

// One entry of $select: a field and what is selected below it.
struct BoundSelection {
    std::vector<std::string_view> path;
    std::unique_ptr<BoundOptions> options;  // nullptr: the whole field
};

// One entry of $expand. Paths through other relations are nested already: a/b is a($expand=b).
struct BoundExpansion {
    std::vector<std::string_view> path;  // to the {"id": ...}, or to the array of them
    const schema::Collection* collection = nullptr;
    std::unique_ptr<BoundOptions> options;  // never null
};

// What is done with an object, or with the elements of an array.
struct BoundOptions {
    std::optional<BoundExpression> filter;
    std::vector<BoundOrder> orderby;
    std::vector<BoundSelection> select;  // empty: everything
    std::vector<BoundExpansion> expand;
    bool count = false;
    std::optional<std::uint64_t> top;
    std::uint64_t skip = 0;
};

// A column of $apply's result; `path` is how its value nests in the answer's objects.
struct ResultColumn {
    std::vector<std::string> path;  // {"findingInfo","objectType"}, {"total"}
    ValueKind kind = ValueKind::kNull;
    std::optional<Vocabulary> vocabulary;  // ranked: the column holds ranks, shown as words
};

struct BoundAggregate {
    Aggregation aggregation;
    std::optional<BoundExpression> operand;  // not of kCount
};

// Groups and then aggregates are the columns of the result, in this order.
struct BoundApply {
    std::vector<BoundExpression> before;
    bool grouped = false;  // false: filter alone, answered with whole objects
    std::vector<BoundExpression> groups;
    std::vector<BoundAggregate> aggregates;
    std::vector<ResultColumn> columns;
    std::vector<BoundExpression> after;  // on the result; $filter stands here too
};

// A request for one collection. Where apply->grouped, `options.orderby` is on the result.
struct BoundQuery {
    const schema::Collection* collection = nullptr;
    BoundOptions options;
    std::optional<BoundApply> apply;
    std::optional<std::string> skiptoken;
    std::uint64_t fingerprint = 0;  // of collection, $filter and $orderby: what a skiptoken is for
};

}  // namespace vmsecurity::odata
