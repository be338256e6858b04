//! The wall: the only folder that names pyo3. Bindings convert; they compute nothing.

mod accounts;
mod data;
mod door;
mod errors;
mod evidence;
mod general;
mod input_output;
mod model;
mod path;
mod path_case;
mod prior;
mod readers;
mod result;
mod sample;
mod scenario;
mod score;
mod spatial;
mod table;

use pyo3::prelude::*;

#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", crate::VERSION)?;
    module.add_class::<data::Flows>()?;
    module.add_class::<general::General>()?;
    module.add_class::<general::GeneralSolution>()?;
    module.add_class::<input_output::InputOutput>()?;
    module.add_class::<model::Armington>()?;
    module.add_class::<path_case::PathCase>()?;
    module.add_class::<result::Solution>()?;
    module.add_class::<sample::Sketches>()?;
    module.add_class::<spatial::Spatial>()?;
    module.add_class::<spatial::SpatialSolution>()?;
    for function in [
        wrap_pyfunction!(accounts::table_of_arrays, module)?,
        wrap_pyfunction!(accounts::table_of_rows, module)?,
        wrap_pyfunction!(accounts::table_rows, module)?,
        wrap_pyfunction!(accounts::table_select, module)?,
        wrap_pyfunction!(accounts::aggregate_table, module)?,
        wrap_pyfunction!(data::resolve_countries, module)?,
        wrap_pyfunction!(data::near_countries, module)?,
        wrap_pyfunction!(data::group_names, module)?,
        wrap_pyfunction!(data::group_members, module)?,
        wrap_pyfunction!(path::adjusting, module)?,
        wrap_pyfunction!(path::check_periods, module)?,
        wrap_pyfunction!(path::in_force, module)?,
        wrap_pyfunction!(path::solve_path, module)?,
        wrap_pyfunction!(path::with_adjusting, module)?,
        wrap_pyfunction!(prior::gravity_decay, module)?,
        wrap_pyfunction!(prior::gravity_trade, module)?,
        wrap_pyfunction!(prior::mix_prior, module)?,
        wrap_pyfunction!(readers::read_baci, module)?,
        wrap_pyfunction!(readers::read_oecd_icio, module)?,
        wrap_pyfunction!(result::load_solution, module)?,
        wrap_pyfunction!(result::solution_from_bytes, module)?,
        wrap_pyfunction!(sample::draws, module)?,
        wrap_pyfunction!(sample::exact_quantiles, module)?,
        wrap_pyfunction!(scenario::measure_schema, module)?,
        wrap_pyfunction!(scenario::check_measure, module)?,
        wrap_pyfunction!(scenario::check_scenario, module)?,
        wrap_pyfunction!(scenario::scenario_to_toml, module)?,
        wrap_pyfunction!(scenario::scenario_to_json, module)?,
        wrap_pyfunction!(scenario::scenario_from_toml, module)?,
        wrap_pyfunction!(scenario::scenario_from_json, module)?,
        wrap_pyfunction!(scenario::scenario_lines, module)?,
        wrap_pyfunction!(score::score, module)?,
        wrap_pyfunction!(evidence::shapley_values, module)?,
        wrap_pyfunction!(evidence::attribution, module)?,
        wrap_pyfunction!(evidence::decompose, module)?,
        wrap_pyfunction!(evidence::derivative, module)?,
        wrap_pyfunction!(evidence::fit, module)?,
        wrap_pyfunction!(evidence::invert, module)?,
        wrap_pyfunction!(door::threads, module)?,
        wrap_pyfunction!(door::set_threads, module)?,
    ] {
        module.add_function(function)?;
    }
    Ok(())
}
