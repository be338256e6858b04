//! Prices and wages, new over baseline, in the numeraire: world value added (by component).

use super::GeneralSolution;
use crate::data::{Column, Table};
use crate::result::trade::Trade;

impl GeneralSolution {
    /// `country, commodity, producer_price, price_index`: missing where nothing is made or bought,
    /// infinite where there is no supplier left.
    pub fn prices(&self) -> Table {
        let economy = &self.model.economy;
        let cells = economy.countries * economy.sectors;
        let (mut producer, mut buyer) = (vec![0.0; cells], vec![0.0; cells]);
        for opened in self.opened() {
            let (state, reach) = (&opened.state, &opened.system.reach);
            for cell in 0..cells {
                producer[cell] += opened.weight * if reach.made[cell] { state.cost[cell].exp() } else { f64::NAN };
                buyer[cell] += opened.weight
                    * match (reach.bought[cell], reach.missing[cell]) {
                        (true, _) => state.price[cell].exp(),
                        (false, true) => f64::INFINITY,
                        (false, false) => f64::NAN,
                    };
            }
        }
        let sector = (0..cells).map(|cell| (cell / economy.countries) as u32).collect();
        let country = (0..cells).map(|cell| (cell % economy.countries) as u32).collect();
        let flows = self.flows_data();
        Table::default()
            .with("country", Column::Label { codes: country, labels: flows.countries.names().into() })
            .with("commodity", Column::Label { codes: sector, labels: flows.commodities.names().into() })
            .number("producer_price", "new / baseline", producer)
            .number("price_index", "new / baseline", buyer)
    }

    /// `country, share_of_period, component, wage, consumer_price, value_added_before, value_added,
    /// deficit_before, deficit`: wages and prices are new over baseline, in units of a component's value
    /// added, which does not change.
    pub fn wages(&self) -> Table {
        let economy = &self.model.economy;
        let (mut country, mut component) = (Vec::new(), Vec::new());
        let mut columns: [Vec<f64>; 7] = Default::default();
        for opened in self.opened() {
            for i in 0..economy.countries {
                let wage = opened.wage()[i].exp();
                country.push(i);
                component.push(opened.system.reach.component[i] as i64);
                let numbers = [
                    opened.weight,
                    wage,
                    opened.state.consumer_price[i].exp(),
                    economy.value_added[i],
                    wage * economy.value_added[i],
                    self.model.deficit[i],
                    opened.transfer(i),
                ];
                columns.iter_mut().zip(numbers).for_each(|(column, number)| column.push(number));
            }
        }
        let unit = &self.flows_data().units.currency;
        let [share, wage, consumer, before, after, deficit_before, deficit] = columns;
        Table::default()
            .text("country", self.country_names(&country))
            .number("share_of_period", "share", share)
            .with("component", Column::Count(component))
            .number("wage", "new / baseline", wage)
            .number("consumer_price", "new / baseline", consumer)
            .number("value_added_before", unit, before)
            .number("value_added", unit, after)
            .number("deficit_before", unit, deficit_before)
            .number("deficit", unit, deficit)
    }
}
