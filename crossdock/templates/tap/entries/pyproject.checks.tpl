@name@ = "taps.@name@.check:check"
