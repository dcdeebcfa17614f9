target-@kebab@ = "targets.@name@.target:main"
