//! Who asks, and what they may do and see. Extractors prove it; handlers cannot forget.
