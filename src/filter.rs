//! Filter expressions of the command line: `price<=300 and color!=black and brand=Northlane`.

use anyhow::{anyhow, bail};

use crate::catalog::{Currency, Money};
use crate::index::Vocabulary;
use crate::knowledge::Knowledge;
use crate::need::{CategoryMatch, Comparison, Constraint, Found, Need, Rule, WantedValue};
use crate::taxonomy::path_key;
use crate::text;

/// Attributes that an error names, nearest first.
const NAMED: usize = 8;

/// Longest expression, in characters.
const LONGEST: usize = 2_000;

/// Adds the conditions of an expression to a need, as hard constraints.
///
/// # Errors
/// Names the condition, what was wanted, and the attributes there are.
pub fn apply(expression: &str, need: &mut Need, vocabulary: &Vocabulary, knowledge: &Knowledge, currency: Currency) -> anyhow::Result<()> {
    if expression.chars().count() > LONGEST {
        bail!("the filter has more than {LONGEST} characters");
    }
    for condition in conditions(expression) {
        let operator = ["<=", ">=", "!=", "=", "<", ">"]
            .into_iter()
            .filter_map(|op| condition.find(op).map(|at| (at, op)))
            .min_by_key(|(at, op)| (*at, std::cmp::Reverse(op.len())));
        let Some((at, operator)) = operator else {
            bail!("`{condition}` is no condition, wanted such as price<=300, color!=black or category=\"Apparel > Hats\"");
        };
        let name = text::fold(condition[..at].trim());
        let operand = condition[at + operator.len()..].trim().trim_matches(['"', '\'']).trim();
        let comparison = Comparison::parse(operator).ok_or_else(|| anyhow!("`{operator}` is no comparison"))?;
        if operand.is_empty() {
            bail!("`{condition}` compares with nothing");
        }
        let rule = match name.as_str() {
            "price" => {
                let (amount, code) = operand.split_once(' ').unwrap_or((operand, currency.code()));
                let money = Currency::parse(code)
                    .and_then(|c| Money::parse_amount(amount, c))
                    .ok_or_else(|| anyhow!("`{operand}` is no price, wanted such as 300 or \"45.50 USD\""))?;
                Rule::Price { comparison, amount: money, stated: money }
            }
            "category" if comparison == Comparison::Equal => {
                let key = path_key(operand);
                let known = vocabulary.category_label(&key, crate::catalog::Lang::En).is_some();
                if !known {
                    let some: Vec<&str> = vocabulary.categories.iter().take(8).map(|c| c.path.get(crate::catalog::Lang::En)).collect();
                    bail!("there is no category `{operand}`; there are {}", some.join("; "));
                }
                let id = knowledge.taxonomy.by_path(&key).map(|c| c.id.clone());
                need.categories = vec![CategoryMatch { key, id, text: operand.to_owned(), found: Found::Umbrella, filters: true }];
                continue;
            }
            attribute => attribute_rule(attribute, comparison, operand, vocabulary, knowledge)?,
        };
        need.constraints.push(Constraint { rule, text: condition.to_owned(), hard: true });
    }
    Ok(())
}

fn attribute_rule(attribute: &str, comparison: Comparison, operand: &str, vocabulary: &Vocabulary, knowledge: &Knowledge) -> anyhow::Result<Rule> {
    let Some(known) = vocabulary.attributes.get(attribute) else {
        let mut names: Vec<&str> = vocabulary.attributes.keys().map(String::as_str).collect();
        names.sort_by_key(|name| strsim::damerau_levenshtein(name, attribute));
        names.truncate(NAMED);
        bail!("there is no attribute `{attribute}`; the nearest are {}, and there are price and category", names.join(", "));
    };
    let split = operand.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(operand.len());
    let (figure, given) = (operand[..split].parse::<f64>(), operand[split..].trim());
    if let Some(first) = known.units.first().filter(|_| figure.is_ok() || known.values.is_empty()) {
        let figure = figure.map_err(|_| anyhow!("`{attribute}` is a number, wanted such as {attribute}>=5, found `{operand}`"))?;
        let unit = if given.is_empty() { first } else { given };
        let (dimension, factor) = match knowledge.lexicon.units.find(unit) {
            Some(unit) => (unit.dimension.clone(), unit.factor),
            None if unit.is_empty() => (String::new(), 1.0),
            None => bail!("`{unit}` is no unit that is known"),
        };
        return Ok(Rule::Measure { attribute: attribute.to_owned(), comparison, dimension, base: figure * factor, shown: figure, unit: unit.to_owned() });
    }
    if !matches!(comparison, Comparison::Equal | Comparison::NotEqual) {
        bail!("`{attribute}` has no figures, so only = and != compare it");
    }
    let any_of = operand
        .split('|')
        .map(|value| WantedValue { key: text::phrase_key_unstemmed(value), words: vec![text::phrase_key(value)], others: Vec::new() })
        .collect();
    Ok(Rule::Value { attribute: attribute.to_owned(), comparison, any_of })
}

/// Splits at "and", "&", "&&" and commas that stand outside of quotes.
fn conditions(expression: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut quoted, mut at) = (0, false, 0);
    while at < expression.len() {
        let rest = &expression[at..];
        let Some(first) = rest.chars().next() else { break };
        if first == '"' {
            quoted = !quoted;
        }
        let joiner = [" and ", " AND ", "&&", "&", ",", "，"].into_iter().find(|j| !quoted && rest.starts_with(j));
        match joiner {
            Some(joiner) => {
                parts.push(&expression[start..at]);
                at += joiner.len();
                start = at;
            }
            None => at += first.len_utf8(),
        }
    }
    parts.push(&expression[start..]);
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
}
