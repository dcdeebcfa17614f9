tap-@kebab@ = "taps.@name@.tap:main"
