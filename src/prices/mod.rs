//! The price book: AWS list prices by Region, dated, with overrides. A missing price is `None`, never a default.
