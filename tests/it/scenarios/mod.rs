//! Reports of simulated worlds against the truth. What is expected follows from the rules of the product
//! (who counts, which path, which service), never from what the classifier happens to do.

mod appliances;
mod base;
mod clocks;
mod coverage;
mod deliveries;
mod dollars;
mod duplicates;
mod endpoint_types;
mod endpoints;
mod evidence;
mod explain;
mod firewalls;
mod golden;
mod gone;
mod load_balancers;
mod nat;
mod next_hops;
mod noise;
mod owners;
mod pairs;
mod pods;
mod protocols;
mod random;
mod reach;
mod resolver;
mod shop;
mod support;
mod transit;
mod transit_logs;
mod unmatched;
mod unresolved;
mod ways_out;
