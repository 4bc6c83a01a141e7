create table orders (id int primary key, item varchar(40));
insert into orders values (1, 'tea');
